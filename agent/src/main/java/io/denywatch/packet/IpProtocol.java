package io.denywatch.packet;

/** IP protocol numbers that the kernel prints by name. Stateless: any thread may use it. */
public final class IpProtocol {
    /** ICMP. */
    public static final int ICMP = 1;
    /** TCP. */
    public static final int TCP = 6;
    /** UDP. */
    public static final int UDP = 17;
    /** Encapsulating security payload. */
    public static final int ESP = 50;
    /** Authentication header. */
    public static final int AH = 51;
    /** ICMPv6. */
    public static final int ICMPV6 = 58;
    /** UDP-Lite. */
    public static final int UDPLITE = 136;

    private IpProtocol() {}

    /** The kernel's name for the protocol, or the number as text. */
    public static String text(int number) {
        return switch (number) {
            case ICMP -> "ICMP";
            case TCP -> "TCP";
            case UDP -> "UDP";
            case ESP -> "ESP";
            case AH -> "AH";
            case ICMPV6 -> "ICMPv6";
            case UDPLITE -> "UDPLITE";
            default -> Integer.toString(number);
        };
    }
}
