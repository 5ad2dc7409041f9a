-- Work that had ended goes on: whoever watches reads past the end that the topic had. Functions of the modules alone call it.
create function platform.reopen_topic(name text) returns void language sql volatile security definer set search_path = '' as $$
  update platform.stream_events set final = false where topic = name and final
$$;
revoke execute on function platform.reopen_topic(text) from public;
