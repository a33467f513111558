-- Rows that change often leave room on their page, so that a change stays on it.

-- Facts about this store: its epoch, the owner's settings, the average wait.
CREATE TABLE meta (
  name text PRIMARY KEY,
  value text NOT NULL
);

-- `feed` is the number of the newest event. Whoever changes anything of a visitor's locks this row first.
CREATE TABLE visitors (
  id text PRIMARY KEY,
  name text NOT NULL DEFAULT '',
  email text NOT NULL DEFAULT '',
  locale text NOT NULL DEFAULT '',
  zone text NOT NULL DEFAULT '',
  feed bigint NOT NULL DEFAULT 0,
  since bigint NOT NULL
) WITH (fillfactor = 70);

-- The secret of a browser is kept as a hash only.
CREATE TABLE devices (
  hash text PRIMARY KEY,
  visitor_id text NOT NULL REFERENCES visitors,
  term bigint NOT NULL,
  since bigint NOT NULL
);

-- The number of the last command of each lane.
CREATE TABLE lanes (
  device text NOT NULL REFERENCES devices,
  lane text NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (device, lane)
) WITH (fillfactor = 70);

-- What became of each command, for ever: `code` is null where it was accepted.
CREATE TABLE commands (
  device text NOT NULL REFERENCES devices,
  id text NOT NULL,
  lane text NOT NULL,
  n bigint NOT NULL,
  hash text NOT NULL,
  code text,
  reason text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  position bigint,
  at bigint NOT NULL,
  PRIMARY KEY (device, id)
);

CREATE TABLE agents (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  picture text NOT NULL DEFAULT '',
  password text NOT NULL,
  presence text NOT NULL DEFAULT 'online',
  since bigint NOT NULL
);

CREATE TABLE agent_tokens (
  hash text PRIMARY KEY,
  agent_id text NOT NULL REFERENCES agents,
  expires_at bigint NOT NULL
);

CREATE TABLE agent_commands (
  agent_id text NOT NULL REFERENCES agents,
  id text NOT NULL,
  hash text NOT NULL,
  code text,
  reason text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  at bigint NOT NULL,
  PRIMARY KEY (agent_id, id)
);

-- `newest` is the position of the message to show in a list, which is not a notice if there is anything else.
CREATE TABLE threads (
  id text PRIMARY KEY,
  visitor_id text NOT NULL REFERENCES visitors,
  state text NOT NULL DEFAULT 'open',
  last bigint NOT NULL DEFAULT 0,
  newest bigint,
  visitor_read bigint NOT NULL DEFAULT 0,
  team_delivered bigint NOT NULL DEFAULT 0,
  team_read bigint NOT NULL DEFAULT 0,
  assignee text REFERENCES agents,
  waiting_since bigint,
  bot_silent boolean NOT NULL DEFAULT false,
  bot_misses integer NOT NULL DEFAULT 0,
  at bigint NOT NULL,
  since bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX threads_of_visitor ON threads (visitor_id);
CREATE INDEX threads_by_activity ON threads (at DESC);
CREATE INDEX threads_waiting ON threads (waiting_since) WHERE waiting_since IS NOT NULL;

-- `exact` holds the words where a database cannot hold them as text: a zero character, half a surrogate pair.
CREATE TABLE messages (
  thread_id text NOT NULL REFERENCES threads,
  position bigint NOT NULL,
  id text NOT NULL,
  author text NOT NULL,
  agent_id text REFERENCES agents,
  by_name text,
  by_picture text,
  text text NOT NULL,
  exact json,
  content json,
  at bigint NOT NULL,
  PRIMARY KEY (thread_id, position),
  UNIQUE (thread_id, id)
);

CREATE TABLE sessions (
  id text PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  thread_id text NOT NULL REFERENCES threads,
  visitor_id text NOT NULL REFERENCES visitors,
  state text NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  agent_id text REFERENCES agents,
  agent_name text,
  agent_picture text,
  reason text,
  score integer,
  note text NOT NULL DEFAULT '',
  queued_at bigint NOT NULL,
  active_at bigint,
  ended_at bigint
) WITH (fillfactor = 70);
CREATE INDEX sessions_of_thread ON sessions (thread_id, number DESC);
CREATE INDEX sessions_queued ON sessions (queued_at, number) WHERE state = 'queued';
-- A thread has one live chat at a time, whatever races.
CREATE UNIQUE INDEX sessions_live ON sessions (thread_id) WHERE state IN ('queued', 'active');

-- What each visitor is to be told, in order and without holes. A row says where to look, so that text which was
-- changed or taken away does not live on here.
CREATE TABLE events (
  visitor_id text NOT NULL REFERENCES visitors,
  seq bigint NOT NULL,
  kind text NOT NULL,
  thread_id text NOT NULL,
  position bigint,
  ref text,
  at bigint NOT NULL,
  PRIMARY KEY (visitor_id, seq)
);

-- How long visitors waited for a person's answer.
CREATE TABLE answers (
  thread_id text NOT NULL REFERENCES threads,
  at bigint NOT NULL,
  took bigint NOT NULL
);
CREATE INDEX answers_by_time ON answers (at);
