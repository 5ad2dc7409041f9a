-- Gives a thing of the caller's to the person with an address. No row where nobody has confirmed that address. That the thing is the
-- caller's is for its module to say, and for its policies, which match a grant's owner with the thing's.
create function identity.give_grant(kind text, thing uuid, address text, given_role text)
  returns table (id uuid, user_id uuid, email text, role text, created_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  return query
    with given as (
      insert into identity.grants as new_grant (id, object_type, object_id, user_id, owner_id, role)
      select identity.new_id(), kind, thing, person.id, auth.uid(), given_role
      from identity.users as person
      join auth.users as account on account.id = person.id and account.email_confirmed_at is not null
      where lower(person.email) = lower(address)
      order by person.id
      limit 1
      returning new_grant.id, new_grant.user_id, new_grant.role, new_grant.created_at
    )
    select given.id, given.user_id, person.email, given.role, given.created_at
    from given join identity.users as person on person.id = given.user_id;
end
$$;
revoke execute on function identity.give_grant(text, uuid, text, text) from public;
grant execute on function identity.give_grant(text, uuid, text, text) to authenticated;

-- Whom the caller has given a thing, with the addresses, which a person's own rights do not show.
create function identity.list_grants(kind text, thing uuid, before uuid, most integer)
  returns table (id uuid, user_id uuid, email text, role text, created_at timestamptz)
  language sql stable security definer set search_path = ''
as $$
  select given.id, given.user_id, person.email, given.role, given.created_at
  from identity.grants as given join identity.users as person on person.id = given.user_id
  where given.owner_id = (select auth.uid()) and given.object_type = kind and given.object_id = thing
    and (before is null or given.id < before)
  order by given.id desc
  limit most
$$;
revoke execute on function identity.list_grants(text, uuid, uuid, integer) from public;
grant execute on function identity.list_grants(text, uuid, uuid, integer) to authenticated;

-- What the caller was given, for the policies of other modules: they match both columns, so that a grant opens only what is its giver's.
create function identity.granted(kind text, at_least text) returns table (object_id uuid, owner_id uuid)
  language sql stable security definer set search_path = ''
as $$
  select held.object_id, held.owner_id
  from identity.grants as held
  where held.user_id = (select auth.uid()) and held.object_type = kind and (at_least = 'view' or held.role = at_least)
$$;
revoke execute on function identity.granted(text, text) from public;
grant execute on function identity.granted(text, text) to authenticated;
