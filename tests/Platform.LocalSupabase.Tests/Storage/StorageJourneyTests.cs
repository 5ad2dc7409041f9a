using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class StorageJourneyTests
{
    [Test]
    public async Task The_official_client_keeps_the_files_of_two_people_apart()
    {
        await using var server = await LocalSupabaseServer.StartAsync();
        var bucket = $"journey-{Guid.CreateVersion7():N}";
        await StorageTest.CreateFolderPoliciesAsync(bucket);

        await NodeJourney.RunAsync("storage.mjs", server, ("BUCKET", bucket));
    }

    [Test]
    public async Task The_official_clients_upload_in_parts_and_by_signature_and_resize_images()
    {
        await using var server = await LocalSupabaseServer.StartAsync();
        var bucket = $"uploads-{Guid.CreateVersion7():N}";
        await StorageTest.CreateFolderPoliciesAsync(bucket);

        await NodeJourney.RunAsync("uploads.mjs", server, ("BUCKET", bucket));
    }
}
