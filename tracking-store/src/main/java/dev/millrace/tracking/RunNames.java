package dev.millrace.tracking;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Names for runs that came without one, such as {@code brisk-heron-417}: at most 20 characters, as
 * mlflow 3.17.2 {@code utils/name_utils.py} makes them.
 */
final class RunNames {

  // No two words together are longer than 14 characters, which leaves room for "-" and "-1000".
  private static final List<String> ADJECTIVES =
      List.of(
          "agile",
          "amber",
          "ample",
          "azure",
          "balmy",
          "basic",
          "bold",
          "brave",
          "breezy",
          "brisk",
          "calm",
          "candid",
          "civil",
          "clear",
          "clever",
          "cosmic",
          "cosy",
          "crisp",
          "dapper",
          "deft",
          "early",
          "eager",
          "earnest",
          "easy",
          "epic",
          "even",
          "fabled",
          "fair",
          "fast",
          "fine",
          "firm",
          "fleet",
          "fluent",
          "fresh",
          "gentle",
          "glad",
          "golden",
          "grand",
          "green",
          "hardy",
          "hasty",
          "honest",
          "humble",
          "icy",
          "ideal",
          "jolly",
          "keen",
          "kind",
          "lively",
          "loyal",
          "lucid",
          "lunar",
          "mellow",
          "merry",
          "mild",
          "modest",
          "neat",
          "nimble",
          "noble",
          "novel",
          "polite",
          "prime",
          "proud",
          "quick",
          "quiet",
          "rapid",
          "ready",
          "robust",
          "rosy",
          "royal",
          "serene",
          "sharp",
          "silent",
          "silver",
          "simple",
          "sleek",
          "smart",
          "smooth",
          "snug",
          "sober",
          "solar",
          "solid",
          "spry",
          "steady",
          "stoic",
          "subtle",
          "sunny",
          "swift",
          "tidy",
          "tranquil",
          "trusty",
          "upbeat",
          "valiant",
          "vast",
          "vivid",
          "warm",
          "wise",
          "witty",
          "young",
          "zesty");

  private static final List<String> NOUNS =
      List.of(
          "acorn", "alder", "anchor", "aspen", "badger", "basin", "beacon", "beaver", "birch",
          "bison", "bridge", "brook", "canal", "canyon", "cedar", "cliff", "cloud", "comet",
          "condor", "coral", "cove", "crane", "creek", "dale", "delta", "dipper", "dune", "eagle",
          "elm", "ember", "falcon", "fern", "ferret", "finch", "fjord", "forest", "forge", "fox",
          "garnet", "glade", "grove", "gull", "harbor", "hawk", "hazel", "heron", "hill", "ibis",
          "island", "jay", "kelp", "lagoon", "lake", "larch", "lark", "lily", "linden", "lynx",
          "maple", "marsh", "marten", "meadow", "mesa", "mill", "moor", "moss", "newt", "oak",
          "ocean", "orchid", "osprey", "otter", "owl", "pebble", "pine", "plover", "pond", "poplar",
          "quail", "quarry", "rapids", "raven", "reed", "reef", "ridge", "river", "robin", "salmon",
          "sedge", "shore", "sluice", "spring", "stork", "stream", "swan", "tarn", "tern", "thrush",
          "tide", "trout", "valley", "wagtail", "wheel", "willow", "wren");

  private RunNames() {}

  static String random() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return "%s-%s-%d"
        .formatted(
            ADJECTIVES.get(random.nextInt(ADJECTIVES.size())),
            NOUNS.get(random.nextInt(NOUNS.size())),
            random.nextInt(1001));
  }
}
