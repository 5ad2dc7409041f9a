-- The caller's files in Storage for a copy of them, in the order of their places and a part at a time. Earlier copies are left out: they
-- would hold each other.
create function identity.list_files_after(bucket text, path text, most integer)
  returns table (bucket_id text, name text, bytes bigint)
  language sql stable security definer set search_path = ''
as $$
  select object.bucket_id, object.name,
    case when jsonb_typeof(object.metadata -> 'size') = 'number' then (object.metadata ->> 'size')::bigint else 0 end
  from storage.objects as object
  where starts_with(object.name, (select auth.uid())::text || '/')
    and (object.bucket_id, object.name) > (bucket, path)
    and not exists (
      select from identity.exports as export
      where export.user_id = (select auth.uid()) and object.name = export.user_id::text || '/' || export.id::text)
  order by object.bucket_id, object.name
  limit most
$$;
revoke execute on function identity.list_files_after(text, text, integer) from public;
grant execute on function identity.list_files_after(text, text, integer) to authenticated;
