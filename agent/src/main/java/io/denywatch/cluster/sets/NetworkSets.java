package io.denywatch.cluster.sets;

import static java.net.HttpURLConnection.HTTP_NOT_FOUND;

import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.ApiFailures;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoApi.Usable;
import io.denywatch.cluster.sets.StoredNetworkSet.Parts;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.SetLabels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Optional;

/**
 * Reads and writes the cluster's GlobalNetworkSets. An update states the version that was read. Neither patches nor
 * server-side apply are used: Calico's API server reports success for a patch that it gave up on.
 *
 * @param client not owned
 * @param api the API through which they are read and written
 */
record NetworkSets(KubernetesClient client, Usable api) {
    /** Sets per page; each may take 300 KB. */
    private static final long PAGE_SETS = 20;

    /** Receives the sets one by one. */
    interface Visitor {
        void visit(StoredNetworkSet set) throws StoreException;
    }

    private MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            resources() {
        return client.genericKubernetesResources(api.networkSetContext());
    }

    /** The set of this name, if it is there. */
    Optional<StoredNetworkSet> get(String name) throws StoreException {
        try {
            return Optional.ofNullable(resources().withName(name).get()).map(StoredNetworkSet::new);
        } catch (KubernetesClientException e) {
            throw ApiFailures.of("get", api.resource() + " " + name, e);
        }
    }

    /** The set of this name, or one to be created. */
    StoredNetworkSet getOrBlank(String name) throws StoreException {
        return get(name).orElseGet(() -> StoredNetworkSet.blank(api, name));
    }

    /** Visits all sets that the blocklist's policy selects; a page of them is in memory at a time. */
    void forEachSelected(Visitor visitor) throws StoreException {
        forEach(BlocklistRules.LABEL, visitor);
    }

    /** Visits all sets that are marked with a label; a page of them is in memory at a time. */
    void forEach(String label, Visitor visitor) throws StoreException {
        forEach(label, SetLabels.MARKED, visitor);
    }

    /** Visits all sets that have a label with this value, in the same way. */
    void forEach(String label, String value, Visitor visitor) throws StoreException {
        String next = null;
        do {
            GenericKubernetesResourceList page;
            try {
                page = resources()
                        .withLabel(label, value)
                        .list(new ListOptionsBuilder()
                                .withLimit(PAGE_SETS)
                                .withContinue(next)
                                .build());
            } catch (KubernetesClientException e) {
                throw ApiFailures.of("list", api.resource(), e);
            }
            for (GenericKubernetesResource object : page.getItems()) {
                visitor.visit(new StoredNetworkSet(object));
            }
            next = page.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
    }

    /**
     * Creates a set or replaces the one that was read, and verifies that the response contains what was sent.
     *
     * @return the set as it is now
     */
    StoredNetworkSet write(StoredNetworkSet found, Parts parts) throws StoreException {
        if (found.isWrittenThroughV3(api)) {
            throw new StoreException(
                    Reason.REFUSED,
                    api.resource() + " " + found.name() + " was written through " + CalicoApi.GROUP_V3
                            + "/v3 and would lose its labels: delete it, or set blocklist.api to that");
        }
        GenericKubernetesResource wanted = found.with(parts).object();
        boolean create = found.resourceVersion().isEmpty();
        StoredNetworkSet answer;
        try {
            Resource<GenericKubernetesResource> resource = resources().resource(wanted);
            answer = new StoredNetworkSet(create ? resource.create() : resource.update());
        } catch (KubernetesClientException e) {
            if (!create && e.getCode() == HTTP_NOT_FOUND) {
                throw new StoreException(
                        Reason.CONFLICT, "update " + api.resource() + " " + found.name() + ": it is gone");
            }
            throw ApiFailures.of(create ? "create" : "update", api.resource() + " " + found.name(), e);
        }
        boolean believable = answer.object().getMetadata() != null
                && answer.name().equals(found.name())
                && answer.resourceVersion().isPresent()
                && answer.uid().isPresent()
                && (create || answer.uid().equals(found.uid()))
                && answer.has(parts);
        if (!believable) {
            throw new StoreException(
                    Reason.UNAVAILABLE,
                    (create ? "create " : "update ") + api.resource() + " " + found.name()
                            + ": the answer is not what was sent");
        }
        return answer;
    }

    /** Deletes a set in the version that was read; one that is gone is no error. */
    void delete(StoredNetworkSet set) throws StoreException {
        try {
            resources()
                    .resource(set.object())
                    .lockResourceVersion(set.resourceVersion().orElse(null))
                    .delete();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HTTP_NOT_FOUND) {
                throw ApiFailures.of("delete", api.resource() + " " + set.name(), e);
            }
        }
    }
}
