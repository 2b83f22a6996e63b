/**
 * Parses a log line into the fields of a packet, without allocation.
 *
 * <p>{@link PacketLogParser} reads the head of the line with {@code SyslogEnvelope} and classifies its message by
 * {@code LogPrefixes}. For a packet line, {@code PacketBody} reads interfaces and link layer, and
 * {@code IpPacketReader} the packet, both with the steps of {@code FieldReader}. {@code HeadCache} skips everything
 * before the packet if a recent line had the same head. Other lines may be {@code Notices} of dropped lines.
 */
@NullMarked
package io.denywatch.packet;

import org.jspecify.annotations.NullMarked;
