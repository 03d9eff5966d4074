package isle.fs.plain;

import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as user metadata, in the form that s3fs writes and rclone partly reads: {@code mode} (decimal
 * {@code st_mode}), {@code uid}, {@code gid}, {@code mtime} and {@code ctime} (seconds, a point, nine digits; rclone
 * takes the same for its {@code mtime}), {@code rdev} (decimal), {@code xattr} (URL-encoded JSON of names to base64
 * values). Own: {@code isle-version}, random per commit. What another program left beside these is kept.
 */
final class PlainMetadata {
    static final String VERSION = "isle-version";

    /** S3's own limit for all user metadata of an object. */
    private static final int MAX_BYTES = 2048;

    private static final Pattern XATTR = Pattern.compile("\"([^\"]*)\"\\s*:\\s*\"([A-Za-z0-9+/=]*)\"");
    private static final int FILE_PERMISSIONS = 0644;
    private static final int DIRECTORY_PERMISSIONS = 0755;

    private final int uid;
    private final int gid;

    /** With the owner of objects that say nothing of theirs. */
    PlainMetadata(int uid, int gid) {
        this.uid = uid;
        this.gid = gid;
    }

    /** The user metadata of these attributes; {@code before}: what the object had, of which foreign fields are kept. */
    Map<String, String> encode(Attributes a, String version, Map<String, String> before) throws FsException {
        Map<String, String> user = new HashMap<>(before);
        user.put("mode", Integer.toString(a.mode()));
        user.put("uid", Integer.toString(a.uid()));
        user.put("gid", Integer.toString(a.gid()));
        user.put("mtime", text(a.mtime()));
        user.put("ctime", text(a.ctime()));
        if (a.device() != 0) {
            user.put("rdev", Long.toString(a.device()));
        }
        user.remove("xattr");
        if (!a.xattrs().isEmpty()) {
            user.put("xattr", xattrText(a.xattrs()));
        }
        user.put(VERSION, version);
        int bytes = user.entrySet().stream()
                .mapToInt(e -> e.getKey().length() + e.getValue().length())
                .sum();
        if (bytes > MAX_BYTES) {
            throw new FsException.NoSpace("attributes of " + bytes + " bytes; an object has room for " + MAX_BYTES);
        }
        return user;
    }

    private static String text(Timestamp time) {
        return String.format(java.util.Locale.ROOT, "%d.%09d", time.seconds(), time.nanos());
    }

    private static String xattrText(SortedMap<String, String> xattrs) {
        StringBuilder json = new StringBuilder("{");
        for (var xattr : xattrs.entrySet()) {
            json.append(json.length() > 1 ? "," : "")
                    .append('"')
                    .append(URLEncoder.encode(utf8(xattr.getKey()), StandardCharsets.UTF_8))
                    .append("\":\"")
                    .append(Base64.getEncoder().encodeToString(xattr.getValue().getBytes(StandardCharsets.ISO_8859_1)))
                    .append('"');
        }
        return URLEncoder.encode(json.append('}').toString(), StandardCharsets.UTF_8);
    }

    private static String utf8(String raw) {
        return new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static String raw(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** What a list tells of an object: a file of this size and time. */
    Attributes guess(FileKind kind, long size, Timestamp modified) {
        int permissions = kind == FileKind.DIRECTORY ? DIRECTORY_PERMISSIONS : FILE_PERMISSIONS;
        return Attributes.of(kind, permissions, uid, gid, size, modified);
    }

    /**
     * Attributes of an object.
     *
     * @param target content of a symbolic link, raw bytes as chars; null while it is not known
     */
    Attributes decode(
            ObjectMetadata metadata, boolean directory, long size, Timestamp modified, @Nullable String target) {
        Map<String, String> user = metadata.user();
        int mode = (int) number(user.get("mode"), 0);
        FileKind kind = kindOf(mode, directory);
        int permissions = user.containsKey("mode")
                ? mode & Attributes.PERMISSION_MASK
                : guess(kind, 0, modified).permissions();
        Timestamp mtime = time(user.get("mtime"), modified);
        SortedMap<String, String> xattrs = xattrs(user.get("xattr"));
        Attributes attributes = new Attributes(
                kind,
                permissions,
                (int) number(user.get("uid"), uid),
                (int) number(user.get("gid"), gid),
                kind == FileKind.FILE ? size : 0,
                mtime,
                time(user.get("ctime"), mtime.compareTo(modified) > 0 ? mtime : modified),
                number(user.get("rdev"), 0),
                "",
                xattrs);
        return kind == FileKind.SYMLINK ? attributes.withSymlinkTarget(target == null ? "" : target) : attributes;
    }

    /** Whether this metadata says symbolic link: then the target is the object's content. */
    static boolean isSymlink(ObjectMetadata metadata) {
        return kindOf((int) number(metadata.user().get("mode"), 0), false) == FileKind.SYMLINK;
    }

    private static FileKind kindOf(int mode, boolean directory) {
        if (directory) {
            return FileKind.DIRECTORY;
        }
        try {
            FileKind kind = FileKind.ofMode(mode);
            return kind == FileKind.DIRECTORY ? FileKind.FILE : kind;
        } catch (IllegalArgumentException e) {
            return FileKind.FILE;
        }
    }

    private static long number(@Nullable String text, long otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static Timestamp time(@Nullable String text, Timestamp otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            java.math.BigDecimal seconds = new java.math.BigDecimal(text.trim());
            long whole = seconds.setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
            int nanos = seconds.subtract(java.math.BigDecimal.valueOf(whole))
                    .movePointRight(9)
                    .intValue();
            return new Timestamp(whole, nanos);
        } catch (ArithmeticException | IllegalArgumentException e) {
            return otherwise;
        }
    }

    private static SortedMap<String, String> xattrs(@Nullable String text) {
        SortedMap<String, String> xattrs = new TreeMap<>();
        if (text == null) {
            return xattrs;
        }
        try {
            Matcher matcher = XATTR.matcher(URLDecoder.decode(text, StandardCharsets.UTF_8));
            while (matcher.find()) {
                String name = raw(URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8));
                byte[] value = Base64.getDecoder().decode(matcher.group(2));
                xattrs.put(name, new String(value, StandardCharsets.ISO_8859_1));
            }
        } catch (IllegalArgumentException e) {
            // Another program's field of the same name in a form of its own: its attributes are not shown.
            return new TreeMap<>();
        }
        return xattrs;
    }
}
