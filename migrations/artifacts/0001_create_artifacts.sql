create schema if not exists artifacts;
grant usage on schema artifacts to authenticated, service_role;

create table artifacts.artifacts (
  id uuid primary key,
  user_id uuid not null,
  session_id uuid,
  type text not null constraint artifacts_type_form check (type ~ '^[a-z][a-z0-9_]{0,39}$'),
  name text not null constraint artifacts_name_length check (char_length(name) between 1 and 200),
  data jsonb,
  -- Where the file lies in Storage; an artifact has data, a file, or both.
  file_path text constraint artifacts_file_path_length check (char_length(file_path) between 1 and 1024),
  content_type text constraint artifacts_content_type_length check (char_length(content_type) <= 255),
  bytes bigint constraint artifacts_bytes_positive check (bytes >= 0),
  sha256 text constraint artifacts_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  version integer not null default 1 constraint artifacts_version_positive check (version >= 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint artifacts_owner unique (id, user_id)
);
comment on table artifacts.artifacts is 'Its owner alone sees an artifact. The chat session is in another schema.';

create index artifacts_newest on artifacts.artifacts (user_id, id desc);
create index artifacts_by_name on artifacts.artifacts (user_id, name, created_at desc);
create index artifacts_of_session on artifacts.artifacts (session_id, id desc) where session_id is not null;

alter table artifacts.artifacts enable row level security;
alter table artifacts.artifacts force row level security;
create policy owner_select on artifacts.artifacts for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on artifacts.artifacts for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on artifacts.artifacts for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on artifacts.artifacts for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on artifacts.artifacts to authenticated, service_role;

create table artifacts.artifact_versions (
  id uuid primary key,
  artifact_id uuid not null,
  user_id uuid not null,
  version integer not null constraint artifact_versions_version_positive check (version >= 1),
  name text not null constraint artifact_versions_name_length check (char_length(name) between 1 and 200),
  data jsonb,
  file_path text constraint artifact_versions_file_path_length check (char_length(file_path) between 1 and 1024),
  content_type text constraint artifact_versions_content_type_length check (char_length(content_type) <= 255),
  bytes bigint constraint artifact_versions_bytes_positive check (bytes >= 0),
  sha256 text constraint artifact_versions_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  constraint artifact_version_taken unique (artifact_id, version),
  foreign key (artifact_id, user_id) references artifacts.artifacts (id, user_id) on delete cascade
);
comment on table artifacts.artifact_versions is 'The artifact''s owner alone reads and adds; nobody changes a version.';

create index artifact_versions_newest on artifacts.artifact_versions (user_id, id desc);

alter table artifacts.artifact_versions enable row level security;
alter table artifacts.artifact_versions force row level security;
create policy owner_select on artifacts.artifact_versions for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on artifacts.artifact_versions for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_delete on artifacts.artifact_versions for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, delete on artifacts.artifact_versions to authenticated;
grant select, insert, update, delete on artifacts.artifact_versions to service_role;

-- What an artifact was made from: a connector and query, a message, an execution's step, another artifact.
create table artifacts.lineage_edges (
  id uuid primary key,
  artifact_id uuid not null,
  user_id uuid not null,
  relation text not null constraint lineage_edges_relation_form check (relation ~ '^[a-z][a-z0-9_]{0,39}$'),
  source_type text not null constraint lineage_edges_source_type_form check (source_type ~ '^[a-z][a-z0-9_]{0,39}$'),
  source_id uuid not null,
  -- Which of the source's makings it is, for example a step of an execution: the same work done again makes no second artifact.
  key text constraint lineage_edges_key_length check (char_length(key) between 1 and 200),
  details jsonb not null default '{}'
    constraint lineage_edges_details_is_object check (jsonb_typeof(details) = 'object')
    constraint lineage_edges_details_size check (octet_length(details::text) <= 65536),
  created_at timestamptz not null default now(),
  constraint lineage_edge_exists unique (artifact_id, relation, source_type, source_id),
  constraint artifact_already_made unique (user_id, source_type, source_id, key),
  foreign key (artifact_id, user_id) references artifacts.artifacts (id, user_id) on delete cascade
);
comment on table artifacts.lineage_edges is 'The artifact''s owner alone reads and adds. The source may be in another schema.';

create index lineage_edges_of_source on artifacts.lineage_edges (source_type, source_id);
create index lineage_edges_newest on artifacts.lineage_edges (user_id, id desc);

alter table artifacts.lineage_edges enable row level security;
alter table artifacts.lineage_edges force row level security;
create policy owner_select on artifacts.lineage_edges for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on artifacts.lineage_edges for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_delete on artifacts.lineage_edges for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, delete on artifacts.lineage_edges to authenticated;
grant select, insert, update, delete on artifacts.lineage_edges to service_role;
