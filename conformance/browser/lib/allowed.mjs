// What a page may complain about without failing its test. Each entry has its reason, and the suite fails when nothing meets an entry.
//
// `server` says where an entry holds: "any" are those that the real MLflow server shows itself,
// "mlflow" those that only it shows; "millrace" those for
// endpoints that Millrace does not have, asked for something else than what the page is tested for.
export const ALLOWED = [
  {
    server: 'any',
    status: 404,
    path: /^\/ajax-api\/2\.0\/mlflow\/users\/current$/,
    reason: 'Every page asks who is logged in; a server without users has no such endpoint.',
  },
  {
    server: 'any',
    status: 404,
    path: /^\/ajax-api\/2\.0\/mlflow\/experiments\/get-by-name$/,
    reason: 'The dialog that creates an experiment asks whether the name is free.',
  },
  {
    server: 'any',
    status: 404,
    path: /^\/ajax-api\/2\.0\/mlflow\/registered-models\/get$/,
    reason: 'The dialog that creates a model asks whether the name is free.',
  },
  {
    server: 'mlflow',
    status: 500,
    path: /^\/model-versions\/get-artifact$/,
    reason: 'The real server fails to resolve the runs:/ source that its own UI registers; the page lives without the schema.',
  },
  {
    server: 'any',
    console: /ResizeObserver loop completed with undelivered notifications/,
    optional: true,
    reason: 'A notice of the browser about a layout that takes another frame; whether it comes is a matter of time.',
  },
  {
    server: 'any',
    console: /AG Grid: unable to find bean reference frameworkOverrides/,
    optional: true,
    reason: 'The table of runs says so when the page is left while it is still being built.',
  },
];

// Texts that stand where the page should be when something broke.
export const BROKEN = [
  'An error occurred while rendering this component',
  'Something went wrong',
  "Can't load",
  'Experiment load error',
  'Requested experiment was not found',
  "couldn't load",
  'Failed to load',
  'Image failed to load',
  'Loading Artifact Failed',
  'Page Not Found',
  'Resource not found',
  'The requested resource was not found',
  'Model not found',
  'Internal Server Error',
  'A request error occurred',
  'A network error occurred',
  'A GraphQL error occurred',
  'An unknown error occurred',
  'Could not save',
];
