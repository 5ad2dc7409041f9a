-- A copy of all that is a person's, gathered from every module by a job and kept as an artifact.
create table identity.exports (
  id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  status text not null default 'queued' constraint exports_status_known check (status in ('queued', 'running', 'succeeded', 'failed')),
  artifact_id uuid,
  created_at timestamptz not null default now(),
  completed_at timestamptz
);
comment on table identity.exports is 'A person sees and asks for their own exports alone; the job works as that person.';

create unique index export_already_running on identity.exports (user_id) where status in ('queued', 'running');
create index exports_newest on identity.exports (user_id, id desc);

alter table identity.exports enable row level security;
alter table identity.exports force row level security;
create policy owner_select on identity.exports for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on identity.exports for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on identity.exports for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, insert, update (status, artifact_id, completed_at) on identity.exports to authenticated;
grant select, insert, update, delete on identity.exports to service_role;

create function identity.audit_export() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  perform identity.write_audit(new.user_id, 'export.requested', 'export', new.id);
  return null;
end
$$;
revoke execute on function identity.audit_export() from public;
create trigger exports_audit after insert on identity.exports
  for each row execute function identity.audit_export();
