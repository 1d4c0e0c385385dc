-- The SHA-256 of the token that an attempt's command has; NULL when it is not good any more.
ALTER TABLE job_attempts ADD COLUMN IF NOT EXISTS token_hash VARCHAR(64);
CREATE UNIQUE INDEX IF NOT EXISTS job_attempts_token ON job_attempts (token_hash);
