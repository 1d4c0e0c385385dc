-- Workspaces that may run no more than some jobs at once, as job_users for users.
CREATE TABLE job_workspaces (
  workspace VARCHAR(63) NOT NULL PRIMARY KEY
);
INSERT INTO job_workspaces (workspace) SELECT DISTINCT workspace FROM jobs;
