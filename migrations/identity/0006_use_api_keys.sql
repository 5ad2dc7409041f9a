-- Rotation replaces a key's secret in place. The secret before it stays good for a while, so that nothing that uses it stops at once.
alter table identity.api_keys
  add column previous_key_hash text constraint api_keys_previous_key_hash_form check (previous_key_hash ~ '^[0-9a-f]{64}$'),
  add column previous_valid_until timestamptz,
  add constraint api_key_previous_hash_taken unique (previous_key_hash),
  add constraint api_keys_previous_complete check ((previous_key_hash is null) = (previous_valid_until is null)),
  alter column scopes set default '{read}',
  add constraint api_keys_scopes_known check (scopes <@ array['read', 'write'] and cardinality(scopes) >= 1);

-- The owner of a key that is good now, and a note of its use, at most once a minute. A banned owner's keys are not good.
create function identity.use_api_key(hash text) returns table (id uuid, user_id uuid, scopes text[])
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  found_key identity.api_keys;
begin
  select key.* into found_key
  from identity.api_keys as key
  where (key.key_hash = hash or (key.previous_key_hash = hash and key.previous_valid_until > now()))
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
    and not exists (select from auth.users as owner where owner.id = key.user_id and owner.banned_until > now());
  if found_key.id is null then
    return;
  end if;
  if found_key.last_used_at is null or found_key.last_used_at < now() - interval '1 minute' then
    update identity.api_keys as key set last_used_at = now() where key.id = found_key.id;
  end if;
  return query select found_key.id, found_key.user_id, found_key.scopes;
end
$$;
revoke execute on function identity.use_api_key(text) from public;
grant execute on function identity.use_api_key(text) to service_role;

create function identity.audit_api_key() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  key identity.api_keys := case when tg_op = 'DELETE' then old else new end;
begin
  perform identity.write_audit(
    key.user_id,
    case tg_op when 'INSERT' then 'api_key.created' when 'UPDATE' then 'api_key.rotated' else 'api_key.revoked' end,
    'api_key', key.id, null, jsonb_build_object('prefix', key.prefix, 'scopes', to_jsonb(key.scopes)));
  return null;
end
$$;
revoke execute on function identity.audit_api_key() from public;
create trigger api_keys_audit after insert or delete on identity.api_keys
  for each row execute function identity.audit_api_key();
create trigger api_keys_audit_rotation after update on identity.api_keys
  for each row when (old.key_hash is distinct from new.key_hash) execute function identity.audit_api_key();
