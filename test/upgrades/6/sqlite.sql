create table "auth_schema" (version integer not null primary key);

create table "auth_users" (
  id text not null primary key,
  email text not null,
  email_canonical text not null unique,
  email_verified_at integer,
  status text not null,
  epoch integer not null,
  last_login_at integer,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

create table "auth_credentials" (
  id text not null primary key,
  user_id text not null,
  kind text not null,
  identifier text not null,
  data text not null,
  version integer not null,
  created_at integer not null,
  last_used_at integer,
  unique (kind, identifier),
  foreign key (user_id) references "auth_users" (id) on delete cascade
) strict, without rowid;

create table "auth_sessions" (
  id text not null primary key,
  user_id text not null,
  amr text not null,
  authenticated_at integer not null,
  refresh_counter integer not null,
  refreshed_at integer,
  idle_expires_at integer not null,
  expires_at integer not null,
  revoked_at integer,
  revoke_reason text,
  ip text,
  user_agent text,
  created_at integer not null,
  foreign key (user_id) references "auth_users" (id) on delete cascade
) strict, without rowid;

create table "auth_one_time_tokens" (
  hash text not null primary key,
  purpose text not null,
  user_id text not null,
  epoch integer not null,
  attempts integer not null,
  data text not null,
  expires_at integer not null,
  created_at integer not null,
  foreign key (user_id) references "auth_users" (id) on delete cascade
) strict, without rowid;

create table "auth_events" (
  id text not null primary key,
  type text not null,
  outcome text not null,
  reason text,
  user_id text,
  attempted_email text,
  session_id text,
  ip text,
  user_agent text,
  request_id text,
  data text,
  occurred_at integer not null,
  foreign key (user_id) references "auth_users" (id) on delete set null
) strict, without rowid;

create index "auth_credentials_user_kind" on "auth_credentials" (user_id, kind);

create index "auth_sessions_user" on "auth_sessions" (user_id);

create index "auth_sessions_expires" on "auth_sessions" (expires_at);

create index "auth_one_time_tokens_user" on "auth_one_time_tokens" (user_id);

create index "auth_one_time_tokens_expires" on "auth_one_time_tokens" (expires_at);

create index "auth_events_user" on "auth_events" (user_id, id);

insert into "auth_schema" (version) values (1);

create index "auth_sessions_revoked" on "auth_sessions" (revoked_at) where revoked_at is not null;

alter table "auth_schema" add column works_since integer not null default 1;

insert into "auth_schema" (version, works_since) values (2, 1);

alter table "auth_events" add column pseudonym text;

create index "auth_events_pseudonym" on "auth_events" (pseudonym, id) where pseudonym is not null;

insert into "auth_schema" (version, works_since) values (3, 1);

alter table "auth_sessions" add column audience text;

insert into "auth_schema" (version, works_since) values (4, 1);

alter table "auth_users" add column delete_after integer;

create index "auth_users_delete_after" on "auth_users" (delete_after) where delete_after is not null;

create table "auth_email_proofs" (
  id text not null primary key,
  purpose text not null,
  email text not null,
  email_canonical text not null,
  user_id text,
  epoch integer,
  nonce text not null,
  attempts integer not null,
  data text not null,
  sent_at integer,
  used_at integer,
  expires_at integer not null,
  created_at integer not null,
  foreign key (user_id) references "auth_users" (id) on delete set null
) strict, without rowid;

create index "auth_email_proofs_user" on "auth_email_proofs" (user_id);

create index "auth_email_proofs_expires" on "auth_email_proofs" (expires_at);

create index "auth_email_proofs_email" on "auth_email_proofs" (email_canonical, purpose);

create table "auth_outbox" (
  id text not null primary key,
  kind text not null,
  audience text not null,
  recipient text not null,
  proof_id text,
  data text not null,
  attempts integer not null,
  lease text,
  due_at integer not null,
  dead_at integer,
  created_at integer not null
) strict, without rowid;

create index "auth_outbox_due" on "auth_outbox" (dead_at, due_at);

insert into "auth_schema" (version, works_since) values (5, 1);

drop index "auth_sessions_user";

create index "auth_sessions_user_live" on "auth_sessions" (user_id, revoked_at, expires_at);

insert into "auth_schema" (version, works_since) values (6, 1);
