package dev.millrace.gateway.transcode;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import dev.millrace.platform.grpc.Permissions;
import dev.millrace.proto.Permission;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One route of an rpc, as its {@code google.api.http} option declares it.
 *
 * @param method of HTTP, in upper case
 * @param hasBody whether fields come from a body
 */
public record Binding(String method, String template, boolean hasBody, MethodDescriptor<?, ?> rpc) {

  private static final String API = "/api/";
  private static final String AJAX_API = "/ajax-api/";

  /**
   * The routes of services. What is declared under {@code /api/} also answers under {@code
   * /ajax-api/}, which the UI uses; what is declared under {@code /ajax-api/} is there alone.
   *
   * @throws IllegalStateException if a rule has a part that nobody uses so far
   */
  public static List<Binding> of(List<ServiceDescriptor> services) {
    List<Binding> bindings = new ArrayList<>();
    for (ServiceDescriptor service : services) {
      for (MethodDescriptor<?, ?> rpc : service.getMethods()) {
        if (rpc.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier) {
          HttpRule rule =
              supplier.getMethodDescriptor().getOptions().getExtension(AnnotationsProto.http);
          if (rule.getPatternCase() != HttpRule.PatternCase.PATTERN_NOT_SET) {
            Stream.concat(Stream.of(rule), rule.getAdditionalBindingsList().stream())
                .forEach(each -> add(each, rpc, bindings));
          }
        }
      }
    }
    return bindings;
  }

  /** The permission that its rpc declares. */
  public Permission permission() {
    return Permissions.of(rpc);
  }

  private static void add(HttpRule rule, MethodDescriptor<?, ?> rpc, List<Binding> bindings) {
    Binding binding =
        switch (rule.getPatternCase()) {
          case GET -> of("GET", rule.getGet(), rule, rpc);
          case POST -> of("POST", rule.getPost(), rule, rpc);
          case PUT -> of("PUT", rule.getPut(), rule, rpc);
          case PATCH -> of("PATCH", rule.getPatch(), rule, rpc);
          case DELETE -> of("DELETE", rule.getDelete(), rule, rpc);
          case CUSTOM, PATTERN_NOT_SET ->
              throw new IllegalStateException(rpc.getFullMethodName() + " has no plain route");
        };
    bindings.add(binding);
    if (binding.template.startsWith(API)) {
      String ajax = AJAX_API + binding.template.substring(API.length());
      bindings.add(new Binding(binding.method, ajax, binding.hasBody, rpc));
    }
  }

  private static Binding of(
      String method, String template, HttpRule rule, MethodDescriptor<?, ?> rpc) {
    boolean whole = rule.getBody().equals("*");
    if (!whole && !rule.getBody().isEmpty()) {
      throw new IllegalStateException(
          rpc.getFullMethodName() + " takes a part of its message from the body");
    }
    return new Binding(method, template, whole, rpc);
  }
}
