/// <reference types="@cloudflare/vitest-plugin/types" />
/** What `cloudflare:workers` gives tests: the Worker's bindings, and those that vitest adds. */
declare namespace Cloudflare {
  interface Env extends MiroirEnv {
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
  interface GlobalProps {
    mainModule: typeof import("./worker/index.ts");
  }
}
type MiroirEnv = import("./worker/env.ts").Env;
