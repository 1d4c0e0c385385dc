package dev.millrace.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The arrows between modules and the rooms within services, as the design has them. */
@AnalyzeClasses(
    packages = "dev.millrace",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WrittenByHand.class})
final class ArchitectureTest {

  /** Leaves out what compilers of protos and processors of annotations write. */
  static final class WrittenByHand implements ImportOption {

    private static final Pattern OTHER =
        Pattern.compile(".*/(dev/millrace/proto/.*|\\$[^/]*\\.class|package-info\\.class)");

    @Override
    public boolean includes(Location location) {
      return !location.matches(OTHER);
    }
  }

  private static final String PROTO = "dev.millrace.proto..";
  private static final String PLATFORM = "dev.millrace.platform..";
  private static final String TRACKING = "dev.millrace.tracking..";
  private static final String REGISTRY = "dev.millrace.registry..";
  private static final String ARTIFACT = "dev.millrace.artifact..";
  private static final String PROJECTS = "dev.millrace.projects..";
  private static final String GATEWAY = "dev.millrace.gateway..";
  private static final String[] SERVICES = {TRACKING, REGISTRY, ARTIFACT, PROJECTS};

  @ArchTest static final ArchRule platformKnowsContracts = dependOnlyOn(PLATFORM, PROTO);
  @ArchTest static final ArchRule trackingStandsApart = dependOnlyOn(TRACKING, PLATFORM, PROTO);
  @ArchTest static final ArchRule registryStandsApart = dependOnlyOn(REGISTRY, PLATFORM, PROTO);
  @ArchTest static final ArchRule artifactStandsApart = dependOnlyOn(ARTIFACT, PLATFORM, PROTO);
  @ArchTest static final ArchRule projectsStandApart = dependOnlyOn(PROJECTS, PLATFORM, PROTO);
  @ArchTest static final ArchRule gatewayStandsApart = dependOnlyOn(GATEWAY, PLATFORM, PROTO);

  /**
   * Runners of one queue may have clocks that differ by hours. Files on a disk are aged by what
   * dates them.
   */
  @ArchTest
  static final ArchRule queuesGoByTheDatabasesClock =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.projects")
          .and()
          .doNotHaveSimpleName("Snapshots")
          .and()
          .doNotHaveSimpleName("CodeFolders")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule gatewayKnowsNoSql =
      noClasses()
          .that()
          .resideInAPackage(GATEWAY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.sql..",
              "javax.sql..",
              "org.h2..",
              "org.postgresql..",
              "com.zaxxer..",
              "org.flywaydb..",
              "dev.millrace.platform.sql..");

  @ArchTest
  static final ArchRule servicesKnowNoHttp =
      noClasses()
          .that()
          .resideInAnyPackage(SERVICES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.net.http..",
              "com.sun.net.httpserver..",
              "io.netty.handler.codec.http..",
              "io.micronaut.http..",
              "com.fasterxml.jackson.databind..");

  @ArchTest
  static final ArchRule platformHasAClosedTableOfContents =
      classes()
          .that()
          .resideInAPackage(PLATFORM)
          .should()
          .resideInAnyPackage(
              of(
                  "error", "call", "access", "check", "search", "sql", "grpc", "event", "time",
                  "id"))
          .as("platform has no other packages");

  @ArchTest
  static final ArchRule transcodeNamesNoConcreteMessage =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.gateway.transcode..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(PROTO)
                  .and(
                      describe(
                          "belong to a noun",
                          type ->
                              // Contracts and what options.proto adds to descriptors are not
                              // nouns'.
                              !type.getSimpleName()
                                  .matches("Contracts|OptionsProto|FieldRule.*|Permission"))));

  @ArchTest
  static final ArchRule packagesAreNamedAfterWhatTheyHold =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..misc..");

  @ArchTest
  static final ArchRule classesAreNamedAfterWhatTheyAre =
      noClasses().should().haveNameMatching(".*(Impl|Manager|Util|Utils|Helper|Dto|DTO)");

  /**
   * Everything but the gRPC room, the service's bean, its settings and its main is private. A
   * service's packages within its package are its own as well.
   */
  @ArchTest
  static final ArchRule roomsArePrivate =
      classes()
          .that()
          .resideInAnyPackage(
              Arrays.stream(SERVICES)
                  .map(service -> service.replace("..", ""))
                  .toArray(String[]::new))
          .and()
          .areTopLevelClasses()
          .and()
          .haveSimpleNameNotEndingWith("Rpc")
          .and()
          .areNotAnnotatedWith(ConfigurationProperties.class)
          .and(
              DescribedPredicate.not(
                  describe(
                      "are the service's bean or main",
                      type ->
                          type.getSimpleName()
                              .matches(
                                  "TrackingStore|RegistryService|ArtifactStore|ProjectsRunner|Main"))))
          .should()
          .notBePublic();

  /** A streaming call may be a class of its own, named Call. */
  @ArchTest
  static final ArchRule onlyTheRpcRoomSpeaksGrpc =
      noClasses()
          .that()
          .resideInAnyPackage(SERVICES)
          .and()
          .haveSimpleNameNotContaining("Rpc")
          .and()
          .haveSimpleNameNotEndingWith("Call")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.grpc.stub.StreamObserver");

  @ArchTest
  static final ArchRule theRpcRoomKnowsNoSql =
      noClasses()
          .that()
          .resideInAnyPackage(SERVICES)
          .and()
          .haveSimpleNameContaining("Rpc")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("java.sql..", "dev.millrace.platform.sql..")
                  .or(simpleNameEndingWith("Store")));

  /** An interface is there for several implementations, or for lambdas. */
  @ArchTest
  static final ArchRule interfacesHaveSeveralImplementations =
      classes()
          .that()
          .areInterfaces()
          .and()
          .areTopLevelClasses()
          .and()
          .areNotAnnotations()
          .and()
          .areNotAnnotatedWith(FunctionalInterface.class)
          .should(
              new ArchCondition<>("have more than one implementation") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  long implementations =
                      type.getAllSubclasses().stream()
                          .filter(
                              sub ->
                                  !sub.isInterface()
                                      && !sub.getModifiers().contains(JavaModifier.ABSTRACT))
                          .count();
                  events.add(
                      new SimpleConditionEvent(
                          type,
                          implementations > 1,
                          type.getName() + " has " + implementations + " implementation(s)"));
                }
              });

  private static ArchRule dependOnlyOn(String module, String... others) {
    String[] allowed = new String[others.length + 1];
    System.arraycopy(others, 0, allowed, 0, others.length);
    allowed[others.length] = module;
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.millrace..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed))));
  }

  private static String[] of(String... packages) {
    String[] names = new String[packages.length];
    for (int i = 0; i < packages.length; i++) {
      names[i] = "dev.millrace.platform." + packages[i];
    }
    return names;
  }
}
