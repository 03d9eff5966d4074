package isle.mountd.api;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Names of local files, byte by byte. Java decodes them as the locale says, which loses bytes that are no text there;
 * the {@code file:} address of a path keeps them.
 */
final class LocalNames {

    private LocalNames() {}

    /** The name of a local file as text in the sense of {@link PathText}. */
    static String nameOf(Path file) {
        String plain = String.valueOf(file.toAbsolutePath().getFileName());
        if (isAscii(plain)) {
            return plain;
        }
        String address = file.toAbsolutePath().toUri().getRawPath();
        String trimmed = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
        return PathText.ofBytes(percentDecode(trimmed.substring(trimmed.lastIndexOf('/') + 1)));
    }

    /**
     * The local path of a name in a folder.
     *
     * @throws ProtocolException the name could lead out of the folder
     */
    static Path resolve(Path folder, String name) throws ProtocolException {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
            throw new ProtocolException("a name that is none");
        }
        if (isAscii(name)) {
            return folder.resolve(name);
        }
        String parent = folder.toAbsolutePath().toUri().getRawPath();
        String encoded = percentEncode(PathText.toRaw(name));
        return Path.of(URI.create("file://" + parent + (parent.endsWith("/") ? "" : "/") + encoded));
    }

    /** What a symlink points to, as text. */
    static String textOf(Path target) {
        String plain = target.toString();
        if (isAscii(plain)) {
            return plain;
        }
        // An address is absolute: the part that was added in front is cut off again.
        String folder = Path.of("").toAbsolutePath().toUri().getRawPath();
        String address = target.toUri().getRawPath().replaceFirst("/+$", "");
        return PathText.ofBytes(percentDecode(target.isAbsolute() ? address : address.substring(folder.length())));
    }

    /** The path that a symlink shall point to. */
    static Path pathOf(String target) {
        if (isAscii(target)) {
            return Path.of(target);
        }
        Path absolute = Path.of(
                URI.create("file:///" + percentEncode(PathText.toRaw(target)).replace("%2f", "/")));
        return target.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static byte[] percentDecode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(text.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    private static String percentEncode(String raw) {
        StringBuilder out = new StringBuilder(raw.length() * 3);
        for (byte b : raw.getBytes(StandardCharsets.ISO_8859_1)) {
            out.append('%').append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return out.toString();
    }
}
