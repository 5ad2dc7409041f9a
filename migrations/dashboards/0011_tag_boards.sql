-- Words that file a board, as its owner and its editors choose them. They are no part of what a version keeps.
create function dashboards.are_tags(words text[]) returns boolean
  language sql immutable set search_path = ''
as $$
  select coalesce(array_ndims(words), 1) = 1 and cardinality(words) <= 20
    and (select coalesce(bool_and(word is not null and char_length(word) between 1 and 40 and word = lower(btrim(word))), true)
      and count(*) = count(distinct word) from unnest(words) as word)
$$;
comment on function dashboards.are_tags(text[]) is 'At most twenty different words or short phrases, in small letters.';

alter table dashboards.dashboards add column tags text[] not null default '{}'
  constraint dashboards_tags_form check (dashboards.are_tags(tags));
create index dashboards_tagged on dashboards.dashboards using gin (tags);
grant update (tags) on dashboards.dashboards to authenticated;
