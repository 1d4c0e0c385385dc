package dev.millrace.platform.check;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which addresses are on the public internet, and how they are spelled. */
public final class Addresses {

  private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]{0,8}|[0-9]{1,16}");

  /**
   * The IPv4 blocks that IANA's registry of special-purpose addresses calls not globally reachable,
   * multicast and the rest of class E.
   */
  private static final List<Block> SPECIAL_4 =
      List.of(
          Block.of("0.0.0.0", 8),
          Block.of("10.0.0.0", 8),
          Block.of("100.64.0.0", 10),
          Block.of("127.0.0.0", 8),
          Block.of("169.254.0.0", 16),
          Block.of("172.16.0.0", 12),
          Block.of("192.0.0.0", 24),
          Block.of("192.0.2.0", 24),
          Block.of("192.168.0.0", 16),
          Block.of("198.18.0.0", 15),
          Block.of("198.51.100.0", 24),
          Block.of("203.0.113.0", 24),
          Block.of("224.0.0.0", 3));

  /** What of IPv6 is public at all: the rest is not assigned, multicast, or for local use. */
  private static final Block UNICAST_6 = Block.of("2000::", 3);

  /** Within it, protocols' own addresses (Teredo among them) and documentation. */
  private static final List<Block> SPECIAL_6 =
      List.of(Block.of("2001::", 23), Block.of("2001:db8::", 32), Block.of("3fff::", 20));

  private static final Block NAT64 = Block.of("64:ff9b::", 96);
  private static final Block SIX_TO_FOUR = Block.of("2002::", 16);

  private Addresses() {}

  private record Block(InetAddress first, int bits) {

    static Block of(String start, int bits) {
      try {
        return new Block(InetAddress.getByName(start), bits);
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }

    boolean contains(byte[] address) {
      byte[] start = first.getAddress();
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i % 8);
        if ((start[i / 8] & mask) != (address[i / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Whether it is on the public internet; an IPv4 address within an IPv6 one has to be, too. */
  public static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return SPECIAL_4.stream().noneMatch(block -> block.contains(bytes));
    }
    if (NAT64.contains(bytes)) {
      return isPublic(embedded(bytes, 12));
    }
    if (SIX_TO_FOUR.contains(bytes)) {
      return isPublic(embedded(bytes, 2));
    }
    return UNICAST_6.contains(bytes)
        && SPECIAL_6.stream().noneMatch(block -> block.contains(bytes));
  }

  /**
   * The IPv4 address that a host name is for C libraries: of one to four numbers, decimal, octal or
   * hexadecimal, the last of which fills what is left. Java reads octal ones as decimal.
   *
   * @return null if it is none
   */
  public static @Nullable InetAddress parse(String host) {
    String[] parts = host.split("\\.", -1);
    if (parts.length > 4) {
      return null;
    }
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      if (!NUMBER.matcher(parts[i]).matches()) {
        return null;
      }
      long number;
      try {
        number = number(parts[i]);
      } catch (NumberFormatException e) {
        return null;
      }
      int bits = i == parts.length - 1 ? 8 * (4 - i) : 8;
      if (number >= 1L << bits) {
        return null;
      }
      address = (address << bits) | number;
    }
    return embedded(
        new byte[] {
          (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
        },
        0);
  }

  /**
   * As Python prints it.
   *
   * @param host where it comes from: Java makes an IPv4 address of an IPv6 one that maps it
   */
  public static String text(InetAddress address, String host) {
    if (address instanceof Inet6Address) {
      return text(address.getAddress());
    }
    if (address instanceof Inet4Address && host.indexOf(':') >= 0) {
      byte[] mapped = new byte[16];
      Arrays.fill(mapped, 10, 12, (byte) 0xff);
      System.arraycopy(address.getAddress(), 0, mapped, 12, 4);
      return text(mapped);
    }
    return address.getHostAddress();
  }

  private static String text(byte[] bytes) {
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < bytes.length; i += 2) {
      groups.add(Integer.toHexString(((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff)));
    }
    int longest = 0;
    int start = 0;
    for (int i = 0; i < groups.size(); i++) {
      int zeros = 0;
      while (i + zeros < groups.size() && groups.get(i + zeros).equals("0")) {
        zeros++;
      }
      if (zeros > longest) {
        longest = zeros;
        start = i;
      }
    }
    return longest < 2
        ? String.join(":", groups)
        : String.join(":", groups.subList(0, start))
            + "::"
            + String.join(":", groups.subList(start + longest, groups.size()));
  }

  private static long number(String text) {
    if (text.startsWith("0x") || text.startsWith("0X")) {
      return text.length() == 2 ? 0 : Long.parseLong(text, 2, text.length(), 16);
    }
    return text.startsWith("0") ? Long.parseLong(text, 8) : Long.parseLong(text);
  }

  private static InetAddress embedded(byte[] bytes, int start) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, start, start + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
