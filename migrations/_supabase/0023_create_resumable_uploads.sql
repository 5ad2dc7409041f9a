-- Uploads that come in parts (TUS), and what the sweeper of files found. Both belong to the storage service: there is no policy, so
-- nobody but the service sees a row; service_role, which passes over policies, may read what the sweeper found.

set local role supabase_storage_admin;

-- Bytes before upload_offset are on disk for good; what a file holds beyond it was never confirmed.
create table storage.resumable_uploads (
  id uuid not null,
  bucket_id text not null,
  name text not null,
  owner_id text,
  upsert boolean not null,
  upload_length bigint check (upload_length >= 0),
  upload_offset bigint not null default 0 check (upload_offset >= 0),
  upload_metadata text not null,
  completed boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint resumable_uploads_pkey primary key (id),
  constraint resumable_uploads_bucket_id_fkey foreign key (bucket_id) references storage.buckets (id) on delete cascade
);
create index resumable_uploads_bucket_id on storage.resumable_uploads (bucket_id);
create index resumable_uploads_expires_at on storage.resumable_uploads (expires_at);

create table storage.sweeps (
  id uuid not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  files bigint not null,
  objects bigint not null,
  constraint sweeps_pkey primary key (id)
);
create index sweeps_started_at on storage.sweeps (started_at);

create table storage.sweep_findings (
  id bigint generated always as identity,
  sweep_id uuid not null,
  kind text not null check (kind in ('orphan_file', 'unfinished_upload', 'expired_upload', 'missing_file', 'unknown_file')),
  file_name text,
  size bigint,
  bucket_id text,
  object_name text,
  repaired boolean not null,
  constraint sweep_findings_pkey primary key (id),
  constraint sweep_findings_sweep_id_fkey foreign key (sweep_id) references storage.sweeps (id) on delete cascade
);
create index sweep_findings_sweep_id on storage.sweep_findings (sweep_id);

alter table storage.resumable_uploads enable row level security;
alter table storage.resumable_uploads force row level security;
alter table storage.sweeps enable row level security;
alter table storage.sweeps force row level security;
alter table storage.sweep_findings enable row level security;
alter table storage.sweep_findings force row level security;
grant select on storage.sweeps, storage.sweep_findings to service_role;

-- The sweeper compares rows and files in 256 parts, by the last two digits of the version.
create index idx_objects_version_part on storage.objects (right(version, 2));

reset role;
