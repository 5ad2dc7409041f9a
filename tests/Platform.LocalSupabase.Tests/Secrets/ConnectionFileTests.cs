using System.Text.Json.Nodes;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;
using Platform.LocalSupabase.Tests.Postgres;

namespace Platform.LocalSupabase.Tests.Secrets;

public sealed class ConnectionFileTests
{
    [Test]
    public async Task Tells_the_owner_alone_how_to_connect()
    {
        using var data = new TemporaryDirectory();
        await using var postgres = await TestCluster.StartAsync(data.Path);
        var secrets = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);

        ConnectionFile.Write(data.Path, new Uri("http://127.0.0.1:5080"), secrets, postgres);

        var document = JsonNode.Parse(await File.ReadAllTextAsync(data.File("connection.json")))!.AsObject();
        var database = new Uri(document["database_url"]!.GetValue<string>());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                File.GetUnixFileMode(data.File("connection.json")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(document.Select(member => member.Key), Is.EqualTo(
                (string[])["url", "anon_key", "service_role_key", "jwt_secret", "database_url"]));
            Assert.That(document["url"]!.GetValue<string>(), Is.EqualTo("http://127.0.0.1:5080"));
            Assert.That((database.Scheme, database.Host, database.Port), Is.EqualTo(("postgresql", "127.0.0.1", postgres.Port)));
            Assert.That(database.UserInfo, Is.EqualTo($"supabase_admin:{secrets.Password(LoginNames.Superuser)}"));
        }
    }
}
