-- Workspaces that may run no more than some jobs at once, as job_users for users.
CREATE TABLE IF NOT EXISTS job_workspaces (
  workspace VARCHAR(63) NOT NULL PRIMARY KEY
);
MERGE INTO job_workspaces (workspace) KEY (workspace) SELECT DISTINCT workspace FROM jobs;
