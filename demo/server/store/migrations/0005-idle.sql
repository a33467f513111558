-- When somebody said that a quiet live chat goes on; since when it was quiet when both were asked, and when it ends if
-- neither says so.
ALTER TABLE sessions
  ADD COLUMN kept_at bigint,
  ADD COLUMN idle_since bigint,
  ADD COLUMN ends_at bigint;
