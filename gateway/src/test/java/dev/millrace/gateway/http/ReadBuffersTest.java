package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.Handle;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ReadBuffersTest {

  @Test
  void manyConnectionsHoldNoMoreThanFew() {
    for (int connections = 0; connections < 2_700; connections++) {
      long held = 3L * connections * ReadBuffers.share(connections);
      assertThat(held).isLessThanOrEqualTo(64 << 20);
    }
    assertThat(ReadBuffers.share(0)).isEqualTo(256 << 10);
    assertThat(ReadBuffers.share(85)).isEqualTo(256 << 10);
    assertThat(ReadBuffers.share(1_000_000)).isEqualTo(8 << 10);
  }

  @Test
  @SuppressWarnings("deprecation") // As Netty calls it.
  void readsGrowWithWhatComesAndShrinkWithTheNumberOfOthers() {
    AtomicInteger connections = new AtomicInteger(1);
    Handle handle = new ReadBuffers(connections::get).newHandle();
    handle.reset(new NioSocketChannel().config());
    assertThat(handle.guess()).isEqualTo(4 << 10);
    for (int i = 0; i < 50; i++) {
      ByteBuf buffer = handle.allocate(UnpooledByteBufAllocator.DEFAULT);
      assertThat(buffer.capacity()).isEqualTo(handle.guess());
      handle.attemptedBytesRead(buffer.writableBytes());
      handle.lastBytesRead(buffer.writableBytes());
      handle.readComplete();
      buffer.release();
    }
    assertThat(handle.guess()).isEqualTo(256 << 10);
    connections.set(10_000);
    assertThat(handle.guess()).isEqualTo(8 << 10);
    handle.incMessagesRead(1);
    assertThat(handle.continueReading()).isFalse();
  }
}
