/**
 * Files as an endless stream of whole lines, through rotation and restart.
 *
 * <pre>
 * FileTail                 one path, polled; saves and restores how far it was read
 *  +- FollowedPath         to which file the path refers: rotations, truncations, errors
 *  |   +- RestartMatcher   finds the files in which reading stopped
 *  |   +- Backlog          finds unread lines
 *  |       +- KnownContents, Succession    is it a copy? which is older?
 *  +- DrainingFiles        earlier files that may still grow
 *  +- FinishedFiles        files that must not be read again
 *      they list files through RotatedFiles and read each as an
 *      OpenFile            one open file and its position
 *       +- Content         its bytes, plain or unpacked
 *       +- LineFramer      cuts them into lines, and hands those to a LineHandler
 *       +- Fingerprint     recognizes what was read, whatever its name
 * </pre>
 *
 * <p>There are two clocks. {@code nowMillis} is Unix time; {@code silenceMillis} grows with each poll and does not jump
 * when the clock is set.
 */
@NullMarked
package io.denywatch.tail;

import org.jspecify.annotations.NullMarked;
