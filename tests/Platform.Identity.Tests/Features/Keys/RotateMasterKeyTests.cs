using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Keys;

/// <summary>The product in its own process: master keys come, wrap all data keys while everything is served, and are missed.</summary>
public sealed class RotateMasterKeyTests
{
    private const int People = 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly string _old = $"old:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
    private readonly string _new = $"new:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
    private string _dataDirectory = "";
    private string _url = "";

    [SetUp]
    public void ChoosePlace()
    {
        _dataDirectory = Path.Combine(Path.GetTempPath(), $"platform-keys-{Path.GetRandomFileName()}");
        _url = $"http://127.0.0.1:{HostProcess.FreePort()}";
    }

    [TearDown]
    public void RemoveFiles() => Directory.Delete(_dataDirectory, recursive: true);

    [Test]
    public async Task A_rotation_goes_on_after_a_kill_while_secrets_open_and_a_lost_key_is_named()
    {
        HttpClient client;
        string connector;
        using (var host = await StartAsync(_old))
        {
            client = await SignInAsStaffAsync(host);
            connector = await ConnectAsync(client);
            await AddPeopleAsync();
            await host.StopAsync();
        }

        using (var host = await StartAsync($"{_new},{_old}"))
        {
            await ExpectSecretsOpenAsync(client, connector);
            var started = await PostAsync(client, "/api/v1/admin/keys/rotations");
            using var second = await client.PostAsJsonAsync("/api/v1/admin/keys/rotations", new { });
            Assert.That((int)second.StatusCode, Is.EqualTo(409));
            Assert.That(started.GetProperty("total").GetInt64(), Is.EqualTo(People + 1));
            await PlatformTest.EventuallyAsync(async () => (await RotationAsync(client)).GetProperty("done").GetInt64() > 0, Patience);
            await host.KillAsync();
        }

        using (var host = await StartAsync($"{_new},{_old}"))
        {
            var before = await RotationAsync(client);
            Assert.That(before.GetProperty("status").GetString(), Is.EqualTo("running"), "The kill came after the end.");
            await ExpectSecretsOpenAsync(client, connector);
            await PlatformTest.EventuallyAsync(
                async () => (await RotationAsync(client)).GetProperty("status").GetString() == "succeeded", Patience);
            var after = await RotationAsync(client);
            Assert.That(after.GetProperty("done").GetInt64(), Is.EqualTo(People + 1));
            var keys = (await client.GetFromJsonAsync<JsonElement>("/api/v1/admin/keys")).GetProperty("keys");
            Assert.That(keys.EnumerateArray().Select(key => $"{key.GetProperty("id")} {key.GetProperty("state")}"), Is.EqualTo(["new usable"]));
            await host.StopAsync();
        }

        using (var host = await StartAsync(_new))
        {
            await ExpectSecretsOpenAsync(client, connector);
            await host.StopAsync();
        }

        await ExpectNamedAsync(client, connector, _old, "missing");
        await ExpectNamedAsync(client, connector, $"new:{Convert.ToBase64String(new byte[32])}", "wrong");
        client.Dispose();
    }

    private async Task ExpectNamedAsync(HttpClient client, string connector, string keys, string state)
    {
        using var host = await StartAsync(keys);
        await PlatformTest.EventuallyAsync(
            () => Task.FromResult(
                host.Output.Contains($"The master key new is {state}", StringComparison.Ordinal)
                && host.Output.Contains(connector.Split('/')[^1], StringComparison.Ordinal)),
            Patience);
        using var listed = await client.GetAsync("/api/v1/connectors");
        using var tested = await client.PostAsJsonAsync($"{connector}/test", new { });

        Assert.That((int)listed.StatusCode, Is.EqualTo(200));
        Assert.That((int)tested.StatusCode, Is.EqualTo(409));
        Assert.That((await tested.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString(), Is.EqualTo($"master_key_{state}"));
        await host.StopAsync();
    }

    private Task<HostProcess> StartAsync(string masterKeys) =>
        HostProcess.StartAsync(_dataDirectory, _url, new Dictionary<string, string> { ["Encryption__MasterKeys"] = masterKeys });

    private async Task<HttpClient> SignInAsStaffAsync(HostProcess host)
    {
        using (await host.SignUpAsync(_dataDirectory, "ada@example.com"))
        {
            await using var source = Database();
            await using var command = source.CreateCommand(
                """update auth.users set raw_app_meta_data = raw_app_meta_data || '{"role": "admin"}' where email = 'ada@example.com'""");
            await command.ExecuteNonQueryAsync();
        }

        return await host.SignInAsync(_dataDirectory, "ada@example.com");
    }

    private static async Task<string> ConnectAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/connectors", new
        {
            name = "Nowhere",
            type = "postgres",
            config = new { host = "localhost", port = 9, database = "x", username = "x" },
            credentials = new { password = "secret" },
        });
        var created = await response.Content.ReadFromJsonAsync<JsonElement>();
        return $"/api/v1/connectors/{created.GetProperty("id").GetString()}";
    }

    // The source is not there; what counts is that the credentials were opened on the way to it.
    private static async Task ExpectSecretsOpenAsync(HttpClient client, string connector) =>
        Assert.That((await PostAsync(client, $"{connector}/test")).GetProperty("code").GetString(), Is.EqualTo("connection_refused"));

    private static async Task<JsonElement> RotationAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/v1/admin/keys")).GetProperty("rotations")[0];

    private static async Task<JsonElement> PostAsync(HttpClient client, string path)
    {
        using var response = await client.PostAsJsonAsync(path, new { });
        Assert.That(response.IsSuccessStatusCode, Is.True, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>So many data keys that a rotation takes a while.</summary>
    private async Task AddPeopleAsync()
    {
        var cipher = new EnvelopeCipher(new MasterKeyRing(Options.Create(new EncryptionOptions { MasterKeys = _old })));
        await using var source = Database();
        await using var connection = await source.OpenConnectionAsync();
        var people = Enumerable.Range(0, People).Select(_ => Guid.CreateVersion7(TimeProvider.System.GetUtcNow())).ToList();
        await using (var users = new NpgsqlCommand(
            "insert into auth.users (id, email, aud, role) select id, id || '@example.com', 'authenticated', 'authenticated' from unnest($1) as id",
            connection))
        {
            users.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
            await users.ExecuteNonQueryAsync();
        }

        await using var writer = await connection.BeginBinaryImportAsync(
            "copy identity.user_keys (key_id, user_id, wrapped_key, master_key_id) from stdin (format binary)");
        foreach (var person in people)
        {
            await writer.StartRowAsync();
            await writer.WriteAsync(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), NpgsqlDbType.Uuid);
            await writer.WriteAsync(person, NpgsqlDbType.Uuid);
            await writer.WriteAsync(cipher.CreateDataKey(person).Wrapped, NpgsqlDbType.Bytea);
            await writer.WriteAsync("old", NpgsqlDbType.Text);
        }

        await writer.CompleteAsync();
    }

    private NpgsqlDataSource Database()
    {
        var url = new Uri(HostProcess.ReadConnection(_dataDirectory).GetProperty("database_url").GetString()!);
        var credentials = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = credentials[0],
            Password = credentials[1],
            Database = "postgres",
            Pooling = false,
        });
    }
}
