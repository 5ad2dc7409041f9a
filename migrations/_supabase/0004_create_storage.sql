-- The storage service's schema: rows here, bytes on disk. Row level security is forced and there is no policy at first, so nobody
-- but the service, postgres and service_role sees a row until a policy says so.

create schema storage authorization supabase_storage_admin;
set local role supabase_storage_admin;

create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');

create table storage.buckets (
  id text not null,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD',
  versioning_status text,
  constraint buckets_pkey primary key (id)
);
create unique index bname on storage.buckets (name);

create table storage.objects (
  id uuid not null default gen_random_uuid(),
  bucket_id text,
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb,
  archived_at timestamptz,
  is_delete_marker boolean not null default false,
  is_versioned boolean not null default false,
  constraint objects_pkey primary key (id),
  constraint "objects_bucketId_fkey" foreign key (bucket_id) references storage.buckets (id)
);
create unique index bucketid_objname on storage.objects (bucket_id, name);
-- Lists compare names byte by byte and, in the first version of the call, without regard to case.
create index idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
create index idx_objects_bucket_id_name_lower on storage.objects (bucket_id, (lower(name)) collate "C");
create index idx_objects_owner_id on storage.objects (owner_id);

alter table storage.buckets enable row level security;
alter table storage.buckets force row level security;
alter table storage.objects enable row level security;
alter table storage.objects force row level security;

create function storage.update_updated_at_column() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  return new;
end
$$;
create trigger update_objects_updated_at before update on storage.objects
  for each row execute function storage.update_updated_at_column();

-- A row deleted by SQL would leave its file behind, so the service alone deletes, and says so.
create function storage.protect_delete() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), '') <> 'true' then
    raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.' using errcode = '42501';
  end if;
  return null;
end
$$;
create trigger protect_buckets_delete before delete on storage.buckets
  for each statement execute function storage.protect_delete();
create trigger protect_objects_delete before delete on storage.objects
  for each statement execute function storage.protect_delete();

create function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1]
$$;

create function storage.filename(name text) returns text language sql immutable as $$
  select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]
$$;

create function storage.extension(name text) returns text language sql immutable as $$
  select case
    when position('.' in storage.filename(name)) = 0 then ''
    else reverse(split_part(reverse(storage.filename(name)), '.', 1))
  end
$$;

-- Which call a policy is asked for, such as storage.object.upload.
create function storage.operation() returns text language sql stable as $$
  select nullif(current_setting('storage.operation', true), '')
$$;

create function storage.allow_any_operation(expected_operations text[]) returns boolean language sql stable as $$
  select coalesce(
    regexp_replace(storage.operation(), '^storage\.', '') in
      (select regexp_replace(expected, '^storage\.', '') from unnest(expected_operations) as expected),
    false)
$$;

create function storage.allow_only_operation(expected_operation text) returns boolean language sql stable as $$
  select storage.allow_any_operation(array[expected_operation])
$$;

create function storage.get_size_by_bucket() returns table (size bigint, bucket_id text) language sql stable as $$
  select coalesce(sum((metadata ->> 'size')::bigint), 0)::bigint, objects.bucket_id
  from storage.objects
  group by objects.bucket_id
$$;

-- One level below a folder: sub-folders (no id) and files, names relative to the folder. Runs with the caller's rights.
create function storage.search(
  prefix text, bucketname text, limits integer default 100, levels integer default 1, offsets integer default 0,
  search text default '', sortcolumn text default 'name', sortorder text default 'asc')
returns table (name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb)
language plpgsql stable as $$
declare
  direction text := case when lower(sortorder) = 'desc' then 'desc' else 'asc' end;
  sort_by text := case
    when sortcolumn in ('updated_at', 'created_at', 'last_accessed_at') then format('%I %s nulls first, ', sortcolumn, direction)
    else '' end;
  pattern text := regexp_replace(lower(prefix || search), '([\\%_])', '\\\1', 'g') || '%';
begin
  return query execute format($query$
    with matching as (
      select o.name as full_name, array_to_string(o.path_tokens[$1 : array_length(o.path_tokens, 1)], '/') as rest,
        o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata
      from storage.objects o
      where o.bucket_id = $2 and lower(o.name) collate "C" like $3
    ), level as (
      select split_part(rest, '/', 1) as name, null::uuid as id, null::timestamptz as updated_at, null::timestamptz as created_at,
        null::timestamptz as last_accessed_at, null::jsonb as metadata
      from matching where position('/' in rest) > 0 group by 1
      union all
      select rest, matching.id, matching.updated_at, matching.created_at, matching.last_accessed_at, matching.metadata
      from matching where position('/' in rest) = 0
    )
    select name, id, updated_at, created_at, last_accessed_at, metadata from level
    order by %s lower(name) collate "C" %s, name collate "C" %s
    limit $4 offset $5
  $query$, sort_by, direction, direction)
  using levels, bucketname, pattern, limits, offsets;
end
$$;

-- All below a plain string prefix, folded at the next slash when levels say so, after a key.
create function storage.search_v2(
  prefix text, bucket_name text, limits integer default 100, levels integer default 1, start_after text default '')
returns table (key text, name text, id uuid, updated_at timestamptz, created_at timestamptz, metadata jsonb)
language sql stable as $$
  with matching as (
    select o.*, split_part(substr(o.name, length(prefix) + 1), '/', 1) as head,
      position('/' in substr(o.name, length(prefix) + 1)) > 0 as is_folder
    from storage.objects o
    where o.bucket_id = bucket_name and starts_with(o.name, prefix)
  ), level as (
    select prefix || head || '/' as name, null::uuid as id, null::timestamptz as updated_at, null::timestamptz as created_at,
      null::jsonb as metadata
    from matching where is_folder and levels > 0 group by 1
    union all
    select matching.name, matching.id, matching.updated_at, matching.created_at, matching.metadata
    from matching where not is_folder or levels <= 0
  )
  select split_part(level.name, '/', greatest(levels, 1)), level.name, level.id, level.updated_at, level.created_at, level.metadata
  from level
  where start_after = '' or level.name collate "C" > start_after
  order by level.name collate "C"
  limit limits
$$;

grant usage on schema storage to postgres, anon, authenticated, service_role, dashboard_user;
grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated, service_role;
grant all on storage.buckets, storage.objects to postgres, dashboard_user;
grant execute on all functions in schema storage to postgres, anon, authenticated, service_role, dashboard_user;

reset role;
