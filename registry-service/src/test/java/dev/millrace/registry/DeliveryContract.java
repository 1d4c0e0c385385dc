package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.proto.DeleteWebhookRequest;
import dev.millrace.proto.TestWebhookRequest;
import dev.millrace.proto.UpdateWebhookRequest;
import dev.millrace.proto.Webhook;
import dev.millrace.proto.WebhookStatus;
import dev.millrace.proto.WebhookTestResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What happens reaches a real receiver: in order, signed, at least once, whatever breaks between.
 */
abstract class DeliveryContract {

  private static final String SECRET = "sécret";
  private static final String OTHER_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
  private static final Pattern NUMBER = Pattern.compile("\"alias\": \"a(\\d+)\"");

  private String databaseUrl;
  private Receiver receiver;

  /** A new, empty database. */
  abstract String newDatabase();

  @BeforeEach
  final void open() {
    databaseUrl = newDatabase();
    receiver = Receiver.start();
  }

  @AfterEach
  final void close() {
    receiver.close();
  }

  private RunningRegistry start(WebhookConfiguration configuration) {
    return new RunningRegistry(databaseUrl, configuration);
  }

  private RunningRegistry start() {
    return start(WebhookSettings.local());
  }

  private static String unique() {
    return "m-" + UUID.randomUUID();
  }

  @Test
  final void aChangeIsToldAsMlflowTellsIt() {
    try (RunningRegistry registry = start()) {
      registry.webhook(receiver.url("/a"), SECRET);
      String name = unique();
      long before = Instant.now().getEpochSecond();
      registry.createModel(name);
      Receiver.Call call = receiver.await("/a", 1).getFirst();
      assertThat(call.body())
          .matches(
              "\\{\"entity\": \"registered_model\", \"action\": \"created\", \"timestamp\":"
                  + " \"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?\\+00:00\", \"data\":"
                  + " \\{\"name\": \""
                  + name
                  + "\", \"tags\": \\{}, \"description\": \"\"}}");
      assertThat(call.header("Content-type")).isEqualTo("application/json");
      assertThat(Long.parseLong(call.header("X-mlflow-timestamp"))).isBetween(before, before + 60);
      assertThat(UUID.fromString(call.deliveryId()).toString()).isEqualTo(call.deliveryId());
      assertThat(call.isSignedWith(SECRET)).isTrue();
      assertThat(call.isSignedWith("another")).isFalse();
    }
  }

  @Test
  final void withoutSecretThereIsNoSignature() {
    try (RunningRegistry registry = start()) {
      registry.webhook(receiver.url("/a"), "");
      registry.createModel(unique());
      assertThat(receiver.await("/a", 1).getFirst().headers())
          .doesNotContainKey("X-mlflow-signature");
    }
  }

  @Test
  final void whatHappensToAModelArrivesInOrderAlsoWhenItHasToBeSentAgain() {
    try (RunningRegistry registry = start()) {
      receiver.answerOnce("/a", 429, Map.of("Retry-After", "2"));
      receiver.answerOnce("/a", 503, Map.of());
      registry.webhook(receiver.url("/a"), SECRET);
      String name = unique();
      registry.createModel(name);
      for (int i = 0; i < 20; i++) {
        registry.tell(name, i);
      }
      List<Receiver.Call> calls = receiver.await("/a", 23);
      // The first was sent three times: as the same delivery, with a signature of its own each
      // time.
      assertThat(calls.subList(0, 3))
          .extracting(Receiver.Call::deliveryId)
          .containsOnly(calls.getFirst().deliveryId());
      assertThat(calls.subList(0, 3))
          .extracting(Receiver.Call::body)
          .containsOnly(calls.getFirst().body());
      assertThat(calls).allMatch(call -> call.isSignedWith(SECRET));
      assertThat(Duration.between(calls.get(0).time(), calls.get(1).time()))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(2));
      assertThat(numbers(calls.subList(3, 23))).isEqualTo(range(20));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 400, 404, 410})
  final void otherAnswersAreFinal(int status) {
    try (RunningRegistry registry = start()) {
      receiver.answerOnce("/a", status, Map.of("Location", receiver.url("/redirected")));
      registry.webhook(receiver.url("/a"), "");
      String name = unique();
      registry.createModel(name);
      registry.tell(name, 0);
      assertThat(receiver.await("/a", 2)).hasSize(2);
      awaitStates("FAILED HTTP %d 1".formatted(status), "DELIVERED null 1");
      assertThat(receiver.calls("/redirected")).isEmpty();
    }
  }

  @Test
  final void whatFailsTooOftenHasFailedAndTheNextIsSent() {
    try (RunningRegistry registry = start(WebhookSettings.local("", 2, 1, 64, 7))) {
      receiver.answerOnce("/a", 500, Map.of());
      receiver.answerOnce("/a", 500, Map.of());
      registry.webhook(receiver.url("/a"), "");
      String name = unique();
      registry.createModel(name);
      registry.tell(name, 0);
      receiver.await("/a", 3);
      awaitStates("FAILED HTTP 500 2", "DELIVERED null 1");
    }
  }

  @Test
  final void aReceiverThatHangsSlowsNobodyElse() {
    try (RunningRegistry registry = start(WebhookSettings.local("", 20, 19, 8, 7))) {
      for (int i = 0; i < 6; i++) {
        registry.webhook(receiver.url("/hang" + i), "");
      }
      registry.webhook(receiver.url("/good"), "");
      List<String> names = IntStream.range(0, 10).mapToObj(_ -> unique()).toList();
      Instant start = Instant.now();
      names.forEach(registry::createModel);
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(15));
      receiver.await("/hang0", 1);
      receiver.await("/good", 10);
      // All within the time that a receiver may hang.
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }
  }

  /** However much waits behind a delivery that fails, other models' events pass it. */
  @Test
  final void whatWaitsStandsBeforeNobody() {
    try (RunningRegistry registry = start();
        Database database = database()) {
      receiver.answerOnce("/a", 503, Map.of("Retry-After", "5"));
      registry.webhook(receiver.url("/a"), "");
      Deliveries deliveries = new Deliveries(new DeliveryStore(), () -> {});
      int waiting = 2 * DeliveryStore.WINDOW + 50;
      long now = System.currentTimeMillis();
      database.change(
          tx -> {
            for (int i = 0; i < waiting; i++) {
              deliveries.add(tx, now, new Change.AliasDeleted("hot", "a" + i, 1, false));
            }
            deliveries.add(tx, now, new Change.AliasDeleted("other", "a0", 1, false));
          });
      List<Receiver.Call> calls = receiver.await("/a", waiting + 2);
      assertThat(calls.get(0).body()).contains("\"hot\"");
      assertThat(calls.get(1).body()).contains("\"other\"");
      List<Receiver.Call> hot =
          calls.stream().filter(call -> call.body().contains("\"hot\"")).skip(1).toList();
      assertThat(numbers(hot)).isEqualTo(range(waiting));
    }
  }

  @Test
  final void anEndlessAnswerIsNotReadToItsEnd() {
    try (RunningRegistry registry = start()) {
      registry.webhook(receiver.url("/endless"), "");
      registry.createModel(unique());
      awaitStates("DELIVERED null 1");
    }
  }

  @Test
  final void whatHappenedWhileTheReceiverWasDownOutlivesARestart() {
    int port = receiver.port();
    receiver.close();
    String name = unique();
    try (RunningRegistry registry = start()) {
      registry.webhook("http://127.0.0.1:" + port + "/a", SECRET);
      registry.createModel(name);
      registry.tell(name, 0);
      awaitAttempt();
    }
    receiver = Receiver.startAt(port);
    try (RunningRegistry registry = start()) {
      registry.tell(name, 1);
      List<Receiver.Call> calls = receiver.await("/a", 3);
      assertThat(calls).hasSize(3).allMatch(call -> call.isSignedWith(SECRET));
      assertThat(calls.get(0).body()).startsWith("{\"entity\": \"registered_model\"");
      assertThat(numbers(calls)).isEqualTo(range(2));
    }
  }

  @Test
  final void whatAKilledProcessHadTakenIsSentByAnother() {
    try (RunningRegistry silent = start(WebhookSettings.local("", 2, 19, 0, 7))) {
      silent.webhook(receiver.url("/a"), "");
      silent.createModel(unique());
    }
    long leaseEnd = System.currentTimeMillis() + 2000;
    try (Database database = database()) {
      DeliveryStore store = new DeliveryStore();
      long now = System.currentTimeMillis();
      long webhookNo = database.read(tx -> store.webhooksWithDue(tx, now)).getFirst();
      List<DeliveryRow> taken =
          database.transaction(tx -> store.claim(tx, webhookNo, now, leaseEnd, 9));
      assertThat(taken).hasSize(1);
      taken = database.transaction(tx -> store.claim(tx, webhookNo, now, leaseEnd, 9));
      assertThat(taken).isEmpty();
    }
    try (RunningRegistry _ = start()) {
      Receiver.Call call = receiver.await("/a", 1).getFirst();
      assertThat(call.time().toEpochMilli()).isGreaterThanOrEqualTo(leaseEnd);
      awaitStates("DELIVERED null 2");
    }
  }

  @Test
  final void whoLostTheLeaseChangesNothing() {
    try (RunningRegistry silent = start(WebhookSettings.local("", 2, 19, 0, 7));
        Database database = database()) {
      silent.webhook(receiver.url("/a"), "");
      silent.createModel(unique());
      DeliveryStore store = new DeliveryStore();
      long now = System.currentTimeMillis();
      long webhookNo = database.read(tx -> store.webhooksWithDue(tx, now)).getFirst();
      DeliveryRow first =
          database.transaction(tx -> store.claim(tx, webhookNo, now, now + 1, 9)).getFirst();
      DeliveryRow second =
          database.transaction(tx -> store.claim(tx, webhookNo, now + 2, now + 9, 9)).getFirst();
      database.change(tx -> store.end(tx, first, now, 400, "HTTP 400"));
      database.change(tx -> store.postpone(tx, first, now + 99_999, 500, "HTTP 500"));
      database.change(tx -> store.release(tx, first, now));
      assertThat(states()).containsExactly("PENDING null 2");
      database.change(tx -> store.end(tx, second, now, 200, null));
      assertThat(states()).containsExactly("DELIVERED null 2");
    }
  }

  @Test
  final void severalProcessesTellEachEventOnce() {
    try (RunningRegistry one = start();
        RunningRegistry two = start()) {
      one.webhook(receiver.url("/a"), SECRET);
      two.webhook(receiver.url("/b"), SECRET);
      List<String> names = List.of(unique(), unique(), unique());
      names.forEach(one::createModel);
      for (int i = 0; i < 10; i++) {
        for (String name : names) {
          (i % 2 == 0 ? one : two).tell(name, i);
        }
      }
      for (String path : List.of("/a", "/b")) {
        receiver.await(path, 33);
      }
      awaitStates(IntStream.range(0, 66).mapToObj(_ -> "DELIVERED null 1").toArray(String[]::new));
      for (String path : List.of("/a", "/b")) {
        List<Receiver.Call> calls = receiver.calls(path);
        assertThat(calls).hasSize(33).extracting(Receiver.Call::deliveryId).doesNotHaveDuplicates();
        for (String name : names) {
          List<Receiver.Call> ofName =
              calls.stream().filter(call -> call.body().contains(name)).toList();
          assertThat(numbers(ofName)).isEqualTo(range(10));
        }
      }
    }
  }

  @Test
  final void aWebhookThatIsSwitchedOffOrDeletedIsToldNothingMore() {
    int port = receiver.port();
    receiver.close();
    try (RunningRegistry registry = start()) {
      String url = "http://127.0.0.1:" + port;
      Webhook disabled = registry.webhook(url + "/disabled", "");
      Webhook deleted = registry.webhook(url + "/deleted", "");
      registry.webhook(url + "/kept", "");
      String name = unique();
      registry.createModel(name);
      setStatus(registry, disabled, WebhookStatus.DISABLED);
      registry.webhooks.deleteWebhook(
          DeleteWebhookRequest.newBuilder().setWebhookId(deleted.getWebhookId()).build());
      registry.tell(name, 0);
      setStatus(registry, disabled, WebhookStatus.ACTIVE);
      registry.tell(name, 7);
      receiver = Receiver.startAt(port);
      receiver.await("/kept", 3);
      assertThat(receiver.await("/disabled", 1))
          .singleElement()
          .matches(call -> call.body().contains("a7"));
      assertThat(receiver.calls("/deleted")).isEmpty();
    }
  }

  @Test
  final void aSecretOfAnotherKeyIsNoReasonToSendWithoutSignature() {
    String id;
    try (RunningRegistry registry = start(WebhookSettings.local(OTHER_KEY, 2, 19, 64, 7))) {
      id = registry.webhook(receiver.url("/a"), SECRET).getWebhookId();
    }
    try (RunningRegistry registry = start()) {
      registry.createModel(unique());
      awaitAttempt();
      assertThat(states().getFirst())
          .matches(
              "PENDING The webhook's secret was encrypted with key [0-9a-f]{8}, and the server has"
                  + " key [0-9a-f]{8}\\. \\d+");
      WebhookTestResult result =
          registry
              .webhooks
              .testWebhook(TestWebhookRequest.newBuilder().setWebhookId(id).build())
              .getResult();
      assertThat(result.getSuccess()).isFalse();
      assertThat(result.getErrorMessage())
          .startsWith("Failed to test webhook: The webhook's secret was encrypted with key ");
      assertThat(receiver.calls("/a")).isEmpty();
    }
    try (RunningRegistry _ = start(WebhookSettings.local(OTHER_KEY, 2, 19, 64, 7))) {
      assertThat(receiver.await("/a", 1)).allMatch(call -> call.isSignedWith(SECRET));
    }
  }

  @Test
  final void aChangeThatIsRolledBackIsToldNobody() {
    try (RunningRegistry registry = start();
        Database database = database()) {
      registry.webhook(receiver.url("/a"), "");
      Deliveries deliveries = new Deliveries(new DeliveryStore(), () -> {});
      try {
        database.change(
            tx -> {
              deliveries.add(tx, 1, new Change.AliasDeleted("gone", "a", 1, false));
              throw new IllegalStateException("rolled back");
            });
      } catch (IllegalStateException e) {
        assertThat(states()).isEmpty();
      }
      registry.createModel(unique());
      assertThat(receiver.await("/a", 1)).noneMatch(call -> call.body().contains("gone"));
    }
  }

  @Test
  final void aChangeCostsOneStatementOrNone() {
    try (RunningRegistry silent = start(WebhookSettings.defaults());
        Database database = database()) {
      Deliveries deliveries = new Deliveries(new DeliveryStore(), () -> {});
      Change alias = new Change.AliasDeleted("m", "a", 1, false);
      Change stage = new Change.StageChanged("m", 1, "None", "Staging");
      assertThat(statements(database, deliveries, alias)).isEqualTo(1);
      assertThat(statements(database, deliveries, stage)).isZero();
      assertThat(states()).isEmpty();
      assertThat(silent.service.port()).isEqualTo(-1);
    }
  }

  @Test
  final void whatHasEndedIsKeptForAWhile() {
    try (RunningRegistry registry = start()) {
      registry.webhook(receiver.url("/a"), "");
      registry.createModel(unique());
      awaitStates("DELIVERED null 1");
    }
    try (RunningRegistry registry = start()) {
      registry.createModel(unique());
      awaitStates("DELIVERED null 1", "DELIVERED null 1");
    }
    try (RunningRegistry _ = start(WebhookSettings.local("", 2, 19, 64, 0))) {
      awaitStates();
    }
  }

  private static long statements(Database database, Deliveries deliveries, Change change) {
    long before = database.statements();
    database.change(tx -> deliveries.add(tx, 1, change));
    return database.statements() - before;
  }

  private static void setStatus(RunningRegistry registry, Webhook webhook, WebhookStatus status) {
    Webhook changed =
        registry
            .webhooks
            .updateWebhook(
                UpdateWebhookRequest.newBuilder()
                    .setWebhookId(webhook.getWebhookId())
                    .setStatus(status)
                    .build())
            .getWebhook();
    assertThat(changed.getStatus()).isEqualTo(status);
  }

  private Database database() {
    return Database.open("registry-service", DatabaseUrl.parse(databaseUrl), 2);
  }

  /** State, error and number of attempts of all deliveries. */
  private List<String> states() {
    try (Database database = database()) {
      return database.read(
          tx ->
              tx.query(
                  """
                  SELECT state, last_error, attempts FROM webhook_deliveries ORDER BY delivery_no
                  """,
                  row ->
                      "%s %s %d".formatted(row.string(1), row.stringOrNull(2), row.intValue(3))));
    }
  }

  private void awaitStates(String... expected) {
    for (int i = 0; i < 300 && !states().equals(Arrays.asList(expected)); i++) {
      Receiver.sleep(100);
    }
    assertThat(states()).containsExactly(expected);
  }

  /** Waits until the first delivery was tried in vain. */
  private void awaitAttempt() {
    for (int i = 0; i < 300; i++) {
      List<String> states = states();
      if (!states.isEmpty() && !states.getFirst().contains(" null ")) {
        return;
      }
      Receiver.sleep(100);
    }
    throw new AssertionError("No attempt: " + states());
  }

  private static List<Integer> numbers(List<Receiver.Call> calls) {
    List<Integer> numbers = new ArrayList<>();
    for (Receiver.Call call : calls) {
      var matcher = NUMBER.matcher(call.body());
      if (matcher.find()) {
        numbers.add(Integer.valueOf(matcher.group(1)));
      }
    }
    return numbers;
  }

  private static List<Integer> range(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
