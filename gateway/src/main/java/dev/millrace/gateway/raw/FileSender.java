package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.raw.ArtifactClient.Download;
import dev.millrace.gateway.raw.Selection.Malformed;
import dev.millrace.gateway.raw.Selection.OutOfReach;
import dev.millrace.gateway.raw.Selection.Parts;
import dev.millrace.gateway.raw.Selection.Span;
import dev.millrace.gateway.raw.Selection.Whole;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactInfo;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.ByteRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Answers with an artifact. The real server sends them in two ways: those that are downloaded by
 * proxy through starlette, those of runs and models, and what HEAD asks for, through werkzeug.
 */
final class FileSender {

  private static final String TEXT = "text/plain; charset=utf-8";

  /** What needs a look at the file before it is sent. */
  private static final List<String> CONDITIONS =
      List.of(
          "Range",
          "If-Range",
          "If-Match",
          "If-None-Match",
          "If-Modified-Since",
          "If-Unmodified-Since");

  private final ArtifactClient store;

  FileSender(ArtifactClient store) {
    this.store = store;
  }

  /**
   * As starlette 1.10 {@code FileResponse} does: ranges, several of them too, and no conditions.
   *
   * @throws MillraceException as the store says
   */
  Response starlette(Request request, ArtifactTarget target) throws IOException {
    String range = request.header("Range");
    if (range == null) {
      return whole(target, FileSender::starletteHeaders);
    }
    ArtifactInfo info = store.info(target);
    Conditions file = Conditions.of(info);
    String ifRange = request.header("If-Range");
    if (ifRange != null && !ifRange.equals(file.quotedEtag()) && !ifRange.equals(file.date())) {
      return whole(target, FileSender::starletteHeaders);
    }
    return switch (Ranges.starlette(range, info.getSize())) {
      case Whole() -> whole(target, FileSender::starletteHeaders);
      case Malformed(String complaint) -> Response.text(400, TEXT, complaint);
      case OutOfReach() ->
          Response.text(416, TEXT, "").with("Content-Range", "bytes */" + info.getSize());
      case Parts(List<Span> spans) when spans.size() == 1 ->
          part(target, info, spans.getFirst()).with(starletteHeaders(info));
      case Parts(List<Span> spans) -> parts(target, info, spans);
    };
  }

  /**
   * As werkzeug 3.1 {@code send_file} does: conditions, one range, and a client that asks again
   * before it shows what it has kept.
   *
   * @throws MillraceException as the store says
   */
  Response werkzeug(Request request, ArtifactTarget target) throws IOException {
    boolean head = request.method().equals("HEAD");
    if (!head && CONDITIONS.stream().allMatch(name -> request.header(name) == null)) {
      return whole(target, FileSender::werkzeugHeaders);
    }
    ArtifactInfo info = store.info(target);
    Conditions file = Conditions.of(info);
    Map<String, String> headers = werkzeugHeaders(info);
    String range = request.header("Range");
    Selection selection =
        range == null || !file.isSameForRange(request.header("If-Range"))
            ? new Whole()
            : Ranges.werkzeug(range, info.getSize());
    return switch (selection) {
      case Parts(List<Span> spans) when head ->
          bodiless(206, spans.getFirst().length())
              .with(headers)
              .with("Content-Range", contentRange(spans.getFirst(), info));
      case Parts(List<Span> spans) -> part(target, info, spans.getFirst()).with(headers);
      case OutOfReach(), Malformed(_) ->
          Pages.page(416, "Range Not Satisfiable", "The file has no such bytes.")
              .with("Content-Range", "bytes */" + info.getSize());
      case Whole() when file.isUnmodified(request) -> unmodified(request, headers);
      case Whole() when head -> bodiless(200, info.getSize()).with(headers);
      case Whole() -> whole(target, FileSender::werkzeugHeaders);
    };
  }

  private static Response unmodified(Request request, Map<String, String> headers) {
    if (request.header("If-Match") != null) {
      return Response.of(412).with(headers);
    }
    Map<String, String> kept = new HashMap<>(headers);
    // They describe the body, which does not follow.
    kept.keySet().removeAll(List.of("Content-Type", "Last-Modified"));
    return Response.of(304).with(kept);
  }

  /** Headers that depend on the file. */
  @FunctionalInterface
  private interface Headers {
    Map<String, String> of(ArtifactInfo info);
  }

  private Response whole(ArtifactTarget target, Headers headers) throws IOException {
    Download download = store.download(target, ByteRange.getDefaultInstance());
    ArtifactInfo info = download.info();
    return Response.stream(200, info.getContentType(), info.getSize(), download::writeTo)
        .with(headers.of(info));
  }

  private Response part(ArtifactTarget target, ArtifactInfo info, Span span) throws IOException {
    Download download = open(target, info, span);
    return Response.stream(206, info.getContentType(), span.length(), download::writeTo)
        .with("Content-Range", contentRange(span, info));
  }

  private Response parts(ArtifactTarget target, ArtifactInfo info, List<Span> spans) {
    String boundary =
        HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong())
            + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    List<byte[]> heads =
        spans.stream()
            .map(
                span ->
                    "--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n"
                        .formatted(boundary, info.getContentType(), contentRange(span, info)))
            .map(head -> head.getBytes(StandardCharsets.ISO_8859_1))
            .toList();
    byte[] end = "--%s--".formatted(boundary).getBytes(StandardCharsets.ISO_8859_1);
    byte[] line = {'\r', '\n'};
    long length = end.length;
    for (int i = 0; i < spans.size(); i++) {
      length += heads.get(i).length + spans.get(i).length() + line.length;
    }
    return Response.stream(
            206,
            info.getContentType(),
            length,
            out -> {
              for (int i = 0; i < spans.size(); i++) {
                out.write(heads.get(i));
                open(target, info, spans.get(i)).writeTo(out);
                out.write(line);
              }
              out.write(end);
            })
        .with(starletteHeaders(info))
        .with("Content-Type", "multipart/byteranges; boundary=" + boundary);
  }

  /** Opens a part of the file that {@code info} describes; one that replaced it will not do. */
  private Download open(ArtifactTarget target, ArtifactInfo info, Span span) throws IOException {
    Download download =
        store.download(
            target, ByteRange.newBuilder().setFirst(span.first()).setLast(span.last()).build());
    if (!download.info().getEtag().equals(info.getEtag())) {
      download.cancel();
      throw new IOException("The artifact was replaced meanwhile");
    }
    return download;
  }

  /** An answer to HEAD. */
  private static Response bodiless(int status, long length) {
    return Response.stream(status, "", length, out -> {});
  }

  private static String contentRange(Span span, ArtifactInfo info) {
    return "bytes %d-%d/%d".formatted(span.first(), span.last(), info.getSize());
  }

  private static Map<String, String> starletteHeaders(ArtifactInfo info) {
    String path = info.getPath();
    return headers(info, path.substring(path.lastIndexOf('/') + 1));
  }

  private static Map<String, String> werkzeugHeaders(ArtifactInfo info) {
    Map<String, String> headers = new HashMap<>(headers(info, lastName(info.getPath())));
    headers.put("Cache-Control", "no-cache");
    return headers;
  }

  /** The last segment that is a name; none if there is none ({@code pathlib.Path.name}). */
  private static String lastName(String path) {
    String last = "";
    for (String segment : path.split("/", -1)) {
      if (!segment.isEmpty() && !segment.equals(".")) {
        last = segment;
      }
    }
    return last;
  }

  private static Map<String, String> headers(ArtifactInfo info, String name) {
    Conditions file = Conditions.of(info);
    return Map.of(
        "Content-Type",
        info.getContentType(),
        "Content-Disposition",
        Attachment.named(name),
        "Accept-Ranges",
        "bytes",
        "ETag",
        file.quotedEtag(),
        "Last-Modified",
        file.date());
  }
}
