using Platform.LocalSupabase.Tests.Fixture;
using Platform.LocalSupabase.Tests.Storage;

namespace Platform.LocalSupabase.Tests.Realtime;

public sealed class RealtimeJourneyTests
{
    [Test]
    public async Task The_official_client_hears_what_its_person_may_hear()
    {
        await using var server = await LocalSupabaseServer.StartAsync();
        var bucket = $"realtime-{Guid.CreateVersion7():N}";
        await StorageTest.CreateFolderPoliciesAsync(bucket);
        await SharedPostgres.SqlAsync("insert into storage.buckets (id, name) values (@bucket, @bucket)", ("bucket", bucket));
        await SharedPostgres.SqlAsync(
            """
            alter publication supabase_realtime add table storage.objects;
            create policy folder_read on realtime.messages for select to authenticated using ('folder:' || auth.uid() = realtime.topic());
            create function public.tell_of_file() returns trigger language plpgsql security definer as $$
            begin
              perform realtime.broadcast_changes('folder:' || new.owner_id, tg_op, tg_op, tg_table_name, tg_table_schema, new, null);
              return null;
            end $$;
            create trigger tell_of_file after insert on storage.objects for each row execute function public.tell_of_file()
            """);
        try
        {
            await NodeJourney.RunAsync("realtime.mjs", server, ("BUCKET", bucket));
        }
        finally
        {
            await SharedPostgres.SqlAsync(
                """
                drop trigger tell_of_file on storage.objects;
                drop function public.tell_of_file();
                drop policy folder_read on realtime.messages;
                alter publication supabase_realtime drop table storage.objects
                """);
        }
    }
}
