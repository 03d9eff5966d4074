/**
 * The object store on S3, on the AWS SDK. Nothing else imports the SDK or its HTTP client, and what is a quirk of
 * Garage lives here. One translator turns the SDK's failures into {@code FsException}.
 */
@NullMarked
package isle.fs.s3;

import org.jspecify.annotations.NullMarked;
