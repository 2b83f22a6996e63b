package io.denywatch.delivery;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * The chart's admission policy. Its expressions are evaluated as Kubernetes does it, one after another and the variables
 * only when they are asked for, by another implementation of their language with Kubernetes' functions for CIDRs.
 */
public final class AdmissionPolicy {
    /** The agents' account. */
    public static final String AGENT = "system:serviceaccount:watch:dw-denywatch";

    static final String NODE_CLAIM = "authentication.kubernetes.io/node-name";

    private static final Cel CEL = CelFactory.plannerCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("request", SimpleType.DYN)
            .addVar("object", SimpleType.DYN)
            .addVar("oldObject", SimpleType.DYN)
            .addVar("variables", MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addCompilerLibraries(CelExtensions.strings())
            .addRuntimeLibraries(CelExtensions.strings())
            .addFunctionDeclarations(
                    CelFunctionDecl.newFunctionDeclaration(
                            "cidr",
                            CelOverloadDecl.newGlobalOverload("string_to_cidr", SimpleType.DYN, SimpleType.STRING)),
                    CelFunctionDecl.newFunctionDeclaration(
                            "ip", CelOverloadDecl.newMemberOverload("cidr_ip", SimpleType.DYN, SimpleType.DYN)),
                    CelFunctionDecl.newFunctionDeclaration(
                            "containsIP",
                            CelOverloadDecl.newMemberOverload(
                                    "cidr_contains_ip_ip", SimpleType.BOOL, SimpleType.DYN, SimpleType.DYN)))
            .addFunctionBindings(
                    CelFunctionBinding.from("string_to_cidr", String.class, AdmissionPolicy::cidr),
                    CelFunctionBinding.from("cidr_ip", String.class, cidr -> cidr.split("/", -1)[0]),
                    CelFunctionBinding.from(
                            "cidr_contains_ip_ip", String.class, String.class, AdmissionPolicy::containsIp))
            .build();

    private static final Map<String, CelRuntime.Program> PROGRAMS = new ConcurrentHashMap<>();

    private final JsonNode spec;

    private AdmissionPolicy(JsonNode spec) {
        this.spec = spec;
    }

    /** The one that the chart makes of these values. */
    public static AdmissionPolicy of(String values) {
        return new AdmissionPolicy(
                Chart.render(values).only("ValidatingAdmissionPolicy").get("spec"));
    }

    /** The one of an older Kubernetes. */
    static AdmissionPolicy of(String kubernetes, String values) {
        return new AdmissionPolicy(Chart.render(Chart.DIRECTORY, kubernetes, values)
                .only("ValidatingAdmissionPolicy")
                .get("spec"));
    }

    /** As Go's netip.ParsePrefix, which takes bits after the prefix, without IPv4 addresses in IPv6 form. */
    private static Object cidr(String text) throws CelEvaluationException {
        try {
            int slash = text.indexOf('/');
            Ip address = Ip.parse(text.substring(0, slash));
            int length = Integer.parseInt(text.substring(slash + 1));
            if (address.isIpv4() == text.contains(":") || length < 0 || length > (address.isIpv4() ? 32 : 128)) {
                throw new IllegalArgumentException(text);
            }
            return text;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new CelEvaluationException("network address parse error: " + text, e);
        }
    }

    private static Object containsIp(String cidr, String ip) {
        String[] parts = cidr.split("/", -1);
        Ip address = Ip.parse(parts[0]);
        int length = Integer.parseInt(parts[1]) + (address.isIpv4() ? 96 : 0);
        Ip network = new Ip(address.high() & IpPrefix.highMask(length), address.low() & IpPrefix.lowMask(length));
        Ip other = Ip.parse(ip);
        return address.isIpv4() == other.isIpv4()
                && network.equals(
                        new Ip(other.high() & IpPrefix.highMask(length), other.low() & IpPrefix.lowMask(length)));
    }

    private static Object evaluate(JsonNode expression, Map<String, Object> variables) throws CelEvaluationException {
        String text = expression.get("expression").asString();
        return PROGRAMS.computeIfAbsent(text, AdmissionPolicy::compiled).eval(variables);
    }

    private static CelRuntime.Program compiled(String text) {
        try {
            return CEL.createProgram(CEL.compile(text).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(text, e);
        }
    }

    /** Whether a request is one that it looks at. */
    boolean matches(Map<String, Object> request) {
        try {
            return Boolean.TRUE.equals(evaluate(spec.at("/matchConditions/0"), request));
        } catch (CelEvaluationException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The messages of what refuses the request; empty if it is let through. An error refuses, too.
     *
     * @param request with request, object and oldObject
     */
    List<String> refusals(Map<String, Object> request) {
        Map<String, Object> all = new HashMap<>(request);
        Map<String, Object> variables = new HashMap<>();
        all.put("variables", variables);
        List<String> refusals = new ArrayList<>();
        for (JsonNode variable : spec.get("variables")) {
            try {
                variables.put(variable.get("name").asString(), evaluate(variable, all));
            } catch (CelEvaluationException e) {
                // An error only to expressions that ask for it, which then lack the variable.
            }
        }
        for (JsonNode validation : spec.get("validations")) {
            try {
                if (!Boolean.TRUE.equals(evaluate(validation, all))) {
                    refusals.add(validation.get("message").asString());
                }
            } catch (CelEvaluationException e) {
                refusals.add(validation.get("message").asString());
            }
        }
        return refusals;
    }

    /**
     * The same for an agent's write.
     *
     * @param node of the agent
     * @param before empty if the object is new
     */
    public List<String> refusals(String node, Map<String, Object> before, Map<String, Object> after) {
        return refusals(request(before, after, Map.of(NODE_CLAIM, List.of(node)), AGENT));
    }

    static Map<String, Object> request(
            Map<String, Object> before, Map<String, Object> after, Map<String, Object> extra, String user) {
        Map<String, Object> userInfo = new HashMap<>(Map.of("username", user));
        if (!extra.isEmpty()) {
            userInfo.put("extra", extra);
        }
        Map<String, Object> all = new HashMap<>();
        all.put("request", Map.of("operation", before.isEmpty() ? "CREATE" : "UPDATE", "userInfo", userInfo));
        all.put("object", after);
        all.put("oldObject", before);
        return all;
    }
}
