package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;

/**
 * What the web UI asks on every page about features that Millrace has not, answered as mlflow
 * 3.17.2 does where they are switched off or empty: no telemetry, no assistant, no AI gateway, no
 * traces. Only the UI's own paths: API clients are told that there is no such endpoint.
 */
public final class UiCalls {

  private UiCalls() {}

  /** Adds the routes. */
  public static void route(Router.Builder router) {
    answer(
        router,
        "GET",
        "/ajax-api/3.0/mlflow/ui-telemetry",
        "{\"disable_ui_events\":[],\"disable_ui_telemetry\":true,\"ui_rollout_percentage\":0}");
    answer(router, "POST", "/ajax-api/3.0/mlflow/ui-telemetry", "{\"status\":\"disabled\"}");
    answer(
        router,
        "GET",
        "/ajax-api/3.0/mlflow/assistant/config",
        "{\"providers\":{},\"projects\":{},\"remote_access_allowed\":false}");
    answer(router, "GET", "/ajax-api/3.0/mlflow/assistant/providers", "{\"providers\":[]}");
    answer(router, "GET", "/ajax-api/2.0/mlflow/gateway-proxy", "{\"endpoints\":[]}");
    answer(router, "POST", "/ajax-api/2.0/mlflow/gateway-proxy", "{\"endpoints\":[]}");
    answer(router, "POST", "/ajax-api/3.0/mlflow/traces/search", "{}");
  }

  private static void answer(Router.Builder router, String method, String path, String json) {
    router.route(method, path, (_, _) -> Response.text(200, "application/json", json));
  }
}
