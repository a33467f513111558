-- What was uploaded; the bytes lie beside the store, under `key`. `key` is also what has to be known to fetch it, so it
-- is given to nobody but those in whose thread the file is. `owner` is a device or an agent, `id` their name for it.
CREATE TABLE files (
  key text PRIMARY KEY,
  owner text NOT NULL,
  id text NOT NULL,
  name text NOT NULL,
  mime text NOT NULL,
  size bigint NOT NULL,
  width bigint,
  height bigint,
  -- Null: in no message yet.
  thread_id text,
  at bigint NOT NULL,
  UNIQUE (owner, id)
);
CREATE INDEX files_unsent ON files (at) WHERE thread_id IS NULL;

ALTER TABLE messages ADD COLUMN attachments json;
