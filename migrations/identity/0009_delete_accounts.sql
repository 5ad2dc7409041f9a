-- The first step of deleting the caller's account, in the transaction that publishes it: the data key goes, so that what it sealed can
-- never be read again, and with it whatever could still act for the person.
create function identity.begin_deletion() returns void
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  person uuid := auth.uid();
begin
  delete from identity.user_keys as key where key.user_id = person;
  delete from identity.api_keys as key where key.user_id = person;
  delete from identity.grants as given where given.user_id = person or given.owner_id = person;
  delete from auth.sessions as session where session.user_id = person;
  update auth.users as account set banned_until = now() + interval '100 years' where account.id = person;
  perform identity.write_audit(person, 'account.deleted', 'account', person);
end
$$;
revoke execute on function identity.begin_deletion() from public;
grant execute on function identity.begin_deletion() to authenticated;

-- The caller's files in Storage, of whatever module: paths begin with the owner's id.
create function identity.list_files(most integer) returns table (bucket_id text, name text)
  language sql stable security definer set search_path = ''
as $$
  select object.bucket_id, object.name
  from storage.objects as object
  where starts_with(object.name, (select auth.uid())::text || '/')
  limit most
$$;
revoke execute on function identity.list_files(integer) from public;
grant execute on function identity.list_files(integer) to authenticated;
