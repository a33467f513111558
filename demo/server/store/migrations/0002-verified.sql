-- Visitors whom the site's own server vouched for, by what it calls them. Name and e-mail are what it said last; empty:
-- it said nothing, so the visitor may.
CREATE TABLE verified (
  subject text PRIMARY KEY,
  visitor_id text NOT NULL UNIQUE REFERENCES visitors,
  name text NOT NULL DEFAULT '',
  email text NOT NULL DEFAULT '',
  since bigint NOT NULL
);

-- Since when this browser counts for nothing any more.
ALTER TABLE devices ADD COLUMN forgotten_at bigint;

-- Tokens that were signed out, until they would have expired.
CREATE TABLE revoked_tokens (
  name text PRIMARY KEY,
  expires_at bigint NOT NULL
);
