create table `auth_schema` (version integer not null primary key);

create table `auth_users` (
  id char(36) character set ascii collate ascii_bin not null primary key,
  email text not null,
  email_canonical varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null unique,
  email_verified_at bigint,
  status varchar(64) character set ascii collate ascii_bin not null,
  epoch integer not null,
  last_login_at bigint,
  created_at bigint not null,
  updated_at bigint not null
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create table `auth_credentials` (
  id char(36) character set ascii collate ascii_bin not null primary key,
  user_id char(36) character set ascii collate ascii_bin not null,
  kind varchar(64) character set ascii collate ascii_bin not null,
  identifier varchar(512) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  data text not null,
  version integer not null,
  created_at bigint not null,
  last_used_at bigint,
  unique (kind, identifier),
  foreign key (user_id) references `auth_users` (id) on delete cascade
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create table `auth_sessions` (
  id char(36) character set ascii collate ascii_bin not null primary key,
  user_id char(36) character set ascii collate ascii_bin not null,
  amr text not null,
  authenticated_at bigint not null,
  refresh_counter bigint not null,
  refreshed_at bigint,
  idle_expires_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  revoke_reason text,
  ip text,
  user_agent text,
  created_at bigint not null,
  foreign key (user_id) references `auth_users` (id) on delete cascade
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create table `auth_one_time_tokens` (
  hash varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null primary key,
  purpose varchar(64) character set ascii collate ascii_bin not null,
  user_id char(36) character set ascii collate ascii_bin not null,
  epoch integer not null,
  attempts integer not null,
  data text not null,
  expires_at bigint not null,
  created_at bigint not null,
  foreign key (user_id) references `auth_users` (id) on delete cascade
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create table `auth_events` (
  id char(36) character set ascii collate ascii_bin not null primary key,
  type varchar(64) character set ascii collate ascii_bin not null,
  outcome varchar(64) character set ascii collate ascii_bin not null,
  reason text,
  user_id char(36) character set ascii collate ascii_bin,
  attempted_email text,
  session_id char(36) character set ascii collate ascii_bin,
  ip text,
  user_agent text,
  request_id text,
  data text,
  occurred_at bigint not null,
  foreign key (user_id) references `auth_users` (id) on delete set null
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create index `auth_credentials_user_kind` on `auth_credentials` (user_id, kind);

create index `auth_sessions_user` on `auth_sessions` (user_id);

create index `auth_sessions_expires` on `auth_sessions` (expires_at);

create index `auth_one_time_tokens_user` on `auth_one_time_tokens` (user_id);

create index `auth_one_time_tokens_expires` on `auth_one_time_tokens` (expires_at);

create index `auth_events_user` on `auth_events` (user_id, id);

insert into `auth_schema` (version) values (1);

create index `auth_sessions_revoked` on `auth_sessions` (revoked_at);

alter table `auth_schema` add column works_since integer not null default 1;

insert into `auth_schema` (version, works_since) values (2, 1);

alter table `auth_events` add column pseudonym varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin;

create index `auth_events_pseudonym` on `auth_events` (pseudonym, id);

insert into `auth_schema` (version, works_since) values (3, 1);

alter table `auth_sessions` add column audience varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin;

insert into `auth_schema` (version, works_since) values (4, 1);

alter table `auth_users` add column delete_after bigint;

create index `auth_users_delete_after` on `auth_users` (delete_after);

create table `auth_email_proofs` (
  id char(36) character set ascii collate ascii_bin not null primary key,
  purpose varchar(64) character set ascii collate ascii_bin not null,
  email varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  email_canonical varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  user_id char(36) character set ascii collate ascii_bin,
  epoch integer,
  nonce varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  attempts integer not null,
  data text not null,
  sent_at bigint,
  used_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  foreign key (user_id) references `auth_users` (id) on delete set null
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create index `auth_email_proofs_user` on `auth_email_proofs` (user_id);

create index `auth_email_proofs_expires` on `auth_email_proofs` (expires_at);

create index `auth_email_proofs_email` on `auth_email_proofs` (email_canonical, purpose);

create table `auth_outbox` (
  id char(36) character set ascii collate ascii_bin not null primary key,
  kind varchar(64) character set ascii collate ascii_bin not null,
  audience varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  recipient varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  proof_id char(36) character set ascii collate ascii_bin,
  data text not null,
  attempts integer not null,
  lease char(36) character set ascii collate ascii_bin,
  due_at bigint not null,
  dead_at bigint,
  created_at bigint not null
) engine = innodb default character set utf8mb4 collate utf8mb4_bin;

create index `auth_outbox_due` on `auth_outbox` (dead_at, due_at);

insert into `auth_schema` (version, works_since) values (5, 1);

create index `auth_sessions_user_live` on `auth_sessions` (user_id, revoked_at, expires_at);

drop index `auth_sessions_user` on `auth_sessions`;

insert into `auth_schema` (version, works_since) values (6, 1);
