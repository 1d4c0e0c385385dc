package dev.millrace.projects.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The images that a daemon has, and those that it fetches. */
final class DockerImages {

  private final DockerClient client;
  private final DockerClient puller;
  private final DockerSettings settings;

  /**
   * @param puller a client whose answers may take as long as they do
   */
  DockerImages(DockerClient client, DockerClient puller, DockerSettings settings) {
    this.client = client;
    this.puller = puller;
    this.settings = settings;
  }

  /** Takes a line for the log of who needs an image. */
  @FunctionalInterface
  interface Notes {
    void add(String line) throws IOException;
  }

  /**
   * Sees to it that an image is there.
   *
   * @return its id, which names nothing else
   * @throws IOException if it is not there and cannot be fetched
   */
  String provide(String image, Notes notes) throws IOException, InterruptedException {
    InspectImageResponse found = settings.pull() == DockerSettings.Pull.ALWAYS ? null : find(image);
    if (found == null) {
      if (settings.pull() == DockerSettings.Pull.NEVER) {
        throw new IOException("The image %s is not there, and none is pulled".formatted(image));
      }
      notes.add("[millrace: pulling the image %s]".formatted(image));
      pull(image);
      found = find(image);
    }
    if (found == null || found.getId() == null) {
      throw new IOException("The image %s was pulled, and is not there".formatted(image));
    }
    notes.add(
        "[millrace: the image is %s%s]"
            .formatted(
                found.getId(),
                found.getRepoDigests() == null || found.getRepoDigests().isEmpty()
                    ? ""
                    : ", " + found.getRepoDigests().getFirst()));
    return found.getId();
  }

  private @Nullable InspectImageResponse find(String image) throws IOException {
    try {
      return client.inspectImageCmd(image).exec();
    } catch (NotFoundException e) {
      return null;
    } catch (RuntimeException e) {
      throw DockerEngine.unavailable(e);
    }
  }

  private void pull(String image) throws IOException, InterruptedException {
    // Without a tag, all tags would come.
    boolean hasTag = image.lastIndexOf(':') > image.lastIndexOf('/') || image.contains("@");
    Pulling pulling = new Pulling();
    try (pulling) {
      if (!puller
          .pullImageCmd(hasTag ? image : image + ":latest")
          .exec(pulling)
          .awaitEnd(settings.pullLimit())) {
        throw cannotPull(
            image, "it takes longer than %d seconds".formatted(settings.pullLimit().toSeconds()));
      }
    }
    switch (pulling.problem) {
      case null -> {}
      case DockerException e -> throw cannotPull(image, DockerEngine.message(e));
      case RuntimeException e -> throw DockerEngine.unavailable(e);
      case Throwable e ->
          throw new EngineUnavailableException("Docker's answer breaks off: " + e, e);
    }
    if (pulling.failure != null) {
      throw cannotPull(image, pulling.failure);
    }
  }

  private static IOException cannotPull(String image, String reason) {
    return new IOException("The image %s cannot be pulled: %s".formatted(image, reason));
  }

  /** What the daemon tells of it: that it fails, too, when it has begun to answer. */
  private static final class Pulling implements ResultCallback<PullResponseItem> {
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable Closeable answer;
    private volatile @Nullable Throwable problem;
    private volatile @Nullable String failure;

    boolean awaitEnd(Duration time) throws InterruptedException {
      return end.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void onStart(Closeable opened) {
      answer = opened;
    }

    @Override
    public void onNext(PullResponseItem item) {
      if (item.getErrorDetail() != null) {
        failure = String.valueOf(item.getErrorDetail().getMessage());
      }
    }

    @Override
    public void onError(Throwable thrown) {
      problem = thrown;
      end.countDown();
    }

    @Override
    public void onComplete() {
      end.countDown();
    }

    @Override
    public void close() throws IOException {
      Closeable open = answer;
      if (open != null) {
        open.close();
      }
    }
  }
}
