package io.denywatch.exposition;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * The files of the web page, read once from the class path, at the first request for one of them. Immutable.
 */
final class Asset {
    static final Asset PAGE = new Asset("page.html", "text/html; charset=utf-8");
    static final Asset STYLE = new Asset("page.css", "text/css; charset=utf-8");
    static final Asset SCRIPT = new Asset("page.js", "text/javascript; charset=utf-8");

    /**
     * The page may load its own style and script and call its own agent. Text that sources of packets control stays
     * text even if the script has a bug. The icon is a data URL.
     */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private final String contentType;
    private final byte[] bytes;

    private Asset(String file, String contentType) {
        this.contentType = contentType;
        try (InputStream in = Asset.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new FileNotFoundException(file);
            }
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the file is missing from the jar
        }
    }

    String contentType() {
        return contentType;
    }

    void write(OutputStream out) throws IOException {
        out.write(bytes);
    }
}
