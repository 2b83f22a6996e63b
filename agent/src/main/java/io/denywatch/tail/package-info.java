/**
 * Files as an endless stream of whole lines, through rotation and restart.
 *
 * <pre>
 * FileTail                 one path, polled; saves and restores how far it was read
 *  +- FollowedPath         what the path means now: rotations, truncations, errors
 *  |   +- RestartMatcher   finds the files again in which reading had stopped
 *  |   +- Backlog          finds what nobody has read
 *  |       +- KnownContents, Succession    is it a copy, which is older
 *  +- DrainingFiles        files that the path means no longer and that may still grow
 *  +- FinishedFiles        files that are read to their end
 *      all of them list files by RotatedFiles and read each as an
 *      OpenFile            one open file and its position
 *       +- Content         its bytes, plain or unpacked
 *       +- LineFramer      cuts them into lines, and hands those to a LineHandler
 *       +- Fingerprint     knows what was read again, whatever it is called
 * </pre>
 *
 * <p>Two clocks: {@code nowMillis} is Unix time, {@code silenceMillis} the time for which somebody has listened, which
 * grows with each poll and does not jump when the clock is set.
 */
@NullMarked
package io.denywatch.tail;

import org.jspecify.annotations.NullMarked;
