/**
 * The object store on S3, on the AWS SDK. Nothing else imports the SDK or its HTTP client, and what is a quirk of
 * Garage lives here. One translator turns the SDK's failures into {@code FsException}.
 *
 * <p>What looks odd and is meant:
 *
 * <p><b>An HTTP client of our own.</b> {@code QuickAckHttpClient} is there for one socket option. A GET of 4 KiB from
 * Garage takes 44 ms with any client that leaves the socket alone, and 0.5 ms with TCP_QUICKACK set before each read.
 *
 * <p><b>Deadlines of our own.</b> The SDK's time-outs interrupt the calling thread, which closes the channel that an
 * upload is being read from, and socket time-outs do not bound a server that sends a byte a second. Here a watch closes
 * the connection when an attempt's time is over; the calling thread sees an error and nothing else. {@code S3Limits} has
 * the figures. After any failed attempt all idle connections are dropped: after a restart or a change of networks every
 * one of them is dead.
 *
 * <p><b>Distrust.</b> "Unreachable" must never become "deleted" or "stored". So a 404 counts only with S3's own code, a
 * HEAD's 404, which has none, is confirmed by a GET, a missing bucket is {@code Unavailable}, a list must name the
 * bucket, a write must return an etag, a read must bring the very range that was asked for.
 *
 * <p><b>Keys.</b> The limit is 471 bytes, though Garage stores 479: it cannot delete the longer ones. A slash at the
 * start of a key is signed as it is and sent as {@code %2F}. Keys that XML cannot carry are deleted one by one. Lists
 * ask for {@code encoding-type=url}, which the SDK decodes.
 *
 * <p><b>Conditional writes</b> are used by the start-up probe only: Garage ignores the condition and reports success.
 */
@NullMarked
package isle.fs.s3;

import org.jspecify.annotations.NullMarked;
