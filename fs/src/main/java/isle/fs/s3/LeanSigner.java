package isle.fs.s3;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignedRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Signs requests as the SDK does, but not the content that has a checksum: over plain HTTP the SDK hashes all content
 * with SHA-256, whatever it is told, and the store does it once more. A CRC finds accidents as well at a tenth of the
 * cost; against somebody on the wire there is TLS, or the network below.
 */
final class LeanSigner implements AwsV4HttpSigner {

    private static final String CHECKSUM = "x-amz-checksum-crc32";
    private static final String UNSIGNED = "https";

    private final AwsV4HttpSigner standard = AwsV4HttpSigner.create();

    @Override
    public SignedRequest sign(SignRequest<? extends AwsCredentialsIdentity> request) {
        boolean checked = request.request().firstMatchingHeader(CHECKSUM).isPresent();
        return checked ? withoutContent(request) : standard.sign(request);
    }

    /** The SDK leaves content unsigned over HTTPS only, so that is what it is shown; the scheme is not signed. */
    private <T extends AwsCredentialsIdentity> SignedRequest withoutContent(SignRequest<T> request) {
        String scheme = request.request().protocol();
        SignedRequest signed = standard.sign(request.toBuilder()
                .request(in(UNSIGNED, request.request()))
                .putProperty(AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED, false)
                .build());
        return signed.toBuilder().request(in(scheme, signed.request())).build();
    }

    private static SdkHttpRequest in(String scheme, SdkHttpRequest request) {
        return request.toBuilder().protocol(scheme).build();
    }

    @Override
    public CompletableFuture<AsyncSignedRequest> signAsync(AsyncSignRequest<? extends AwsCredentialsIdentity> request) {
        return standard.signAsync(request);
    }
}
