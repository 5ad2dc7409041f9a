using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Artifacts.Tests.Features.Artifacts;

public sealed class ArtifactTests : PlatformTest
{
    private const string Artifacts = "/api/v1/artifacts";

    [Test]
    public async Task Stores_the_artifact_for_its_owner()
    {
        var alice = await SignInAsync();

        var created = await PostAsync(alice.Client, Artifacts, new { name = "Notes", type = "document", data = new { text = "Hello" } });

        using var response = await alice.Client.GetAsync(new Uri($"{Artifacts}/{created.GetProperty("id").GetGuid()}", UriKind.Relative));
        var read = await ExpectJsonAsync(response);
        Assert.That(read.GetProperty("name").GetString(), Is.EqualTo("Notes"));
        Assert.That(read.GetProperty("data").GetProperty("text").GetString(), Is.EqualTo("Hello"));
    }

    [Test]
    public async Task Answers_404_to_anybody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var created = await PostAsync(alice.Client, Artifacts, new { name = "Notes", type = "document", data = new { text = "Hello" } });
        var path = $"{Artifacts}/{created.GetProperty("id").GetGuid()}";

        using var read = await bob.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var changed = await bob.Client.PatchAsJsonAsync(path, new { name = "Mine" });

        await ExpectProblemAsync(read, 404, "artifact_not_found");
        await ExpectProblemAsync(changed, 404, "artifact_not_found");
    }
}
