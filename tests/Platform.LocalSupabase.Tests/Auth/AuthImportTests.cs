using System.Net;
using System.Text;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Import;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AuthImportTests : AuthTest
{
    [Test]
    public async Task Brings_users_over_with_password_identities_factors_and_times()
    {
        var id = Guid.CreateVersion7();
        var email = NewAddress();
        var row = Row(id, email, identities: $$"""
            [{"id":"{{Guid.CreateVersion7()}}","provider_id":"{{id}}","user_id":"{{id}}","provider":"email","created_at":"2024-02-03T04:05:06Z",
              "identity_data":{"sub":"{{id}}","email":"{{email}}","email_verified":true} },
             {"identity_id":"{{Guid.CreateVersion7()}}","id":"gh-{{id}}","provider":"github","identity_data":{"sub":"gh-{{id}}"} }]
            """, more: """
            ,"mfa_factors":[{"id":"5f6f0f9e-9b0e-4a8c-8d55-0d3a1d7a7c11","factor_type":"totp","status":"verified","secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}]
            """);

        var report = await ImportAsync($"[{row}]");

        Assert.That(report, Is.EqualTo((1, 0, 0, 0)));
        using var response = await SignInAsync(email);
        var session = await ExpectAsync(response, HttpStatusCode.OK);
        var user = session.GetProperty("user");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(UserId(session), Is.EqualTo(id));
            Assert.That(user.GetProperty("created_at").GetString(), Is.EqualTo("2024-02-03T04:05:06.789Z"));
            Assert.That(user.GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"email","providers":["email","github"]}"""));
            Assert.That(user.GetProperty("user_metadata").GetProperty("name").GetString(), Is.EqualTo("Ada"));
            Assert.That(
                user.GetProperty("identities").EnumerateArray().Select(identity => identity.GetProperty("id").GetString()),
                Is.EquivalentTo([id.ToString(), $"gh-{id}"]));
            Assert.That(user.GetProperty("factors")[0].GetProperty("status").GetString(), Is.EqualTo("verified"));
        }
    }

    [Test]
    public async Task May_be_run_again_and_changes_nothing()
    {
        var id = Guid.CreateVersion7();
        var email = NewAddress();
        var file = $"{Row(id, email)}\n{Row(Guid.CreateVersion7(), NewAddress())}\n";
        var first = await ImportAsync(file);
        await SharedPostgres.SqlAsync("""update auth.users set raw_user_meta_data = '{"name":"King"}' where id = @id""", ("id", id));

        var second = await ImportAsync(file);

        var name = await SharedPostgres.SqlAsync("select raw_user_meta_data ->> 'name' from auth.users where id = @id", ("id", id));
        var identities = await SharedPostgres.SqlAsync("select count(*) from auth.identities where user_id = @id", ("id", id));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first, Is.EqualTo((2, 0, 0, 0)));
            Assert.That(second, Is.EqualTo((0, 2, 0, 0)));
            Assert.That(name, Is.EqualTo("King"));
            Assert.That(identities, Is.EqualTo(1), "an address has its identity though the file names none");
        }
    }

    [Test]
    public async Task Says_what_failed_and_goes_on()
    {
        var taken = Email(await SignUpAsync());
        var good = Guid.CreateVersion7();
        var lines = new[]
        {
            Row(Guid.CreateVersion7(), taken),
            """{"id":"7","email":"a@example.com"}""",
            Row(Guid.CreateVersion7(), "no address"),
            Row(Guid.CreateVersion7(), NewAddress()).Replace("\"role\":\"authenticated\"", "\"role\":\"service_role\"", StringComparison.Ordinal),
            Row(Guid.CreateVersion7(), NewAddress(), more: ""","banned_until":"some day" """),
            Row(Guid.CreateVersion7(), NewAddress(), more: ""","role":"authenticated" """),
            Row(
                good, NewAddress(), password: "$1$c2FsdA$qJH7.N4xYta3aEG/dfqo/0",
                more: ""","factors":[{"factor_type":"phone","status":"verified"}]"""),
        };

        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        var report = await AuthImport.RunAsync(stream, ConnectionString, Server.Clock, CancellationToken.None);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Added, Is.EqualTo(1));
            Assert.That(report.Failures, Has.Count.EqualTo(6));
            Assert.That(report.Failures[0], Does.EndWith("another user has this e-mail address"));
            Assert.That(report.Failures[1], Is.EqualTo("user 2 (7): it has no id that is a UUID"));
            Assert.That(report.Failures[3], Does.EndWith("the role service_role is no user's"));
            Assert.That(report.Failures[5], Is.EqualTo("line 6: it is no JSON"));
            Assert.That(report.Notes, Has.Count.EqualTo(2).And.All.StartWith($"user 6 ({good})"));
            Assert.That(string.Join('\n', report.Failures), Does.Not.Contain(taken));
        }
    }

    [Test]
    public async Task Takes_what_the_admin_api_lists()
    {
        var session = await SignUpAsync();
        using var admin = Server.Connect(Server.ServiceRoleKey);
        using var response = await admin.GetAsync($"/auth/v1/admin/users?filter={Email(session)}");
        var list = await ExpectAsync(response, HttpStatusCode.OK);
        using var removal = await admin.DeleteAsync($"/auth/v1/admin/users/{UserId(session)}");
        await ExpectAsync(removal, HttpStatusCode.OK);

        var report = await ImportAsync(list.GetRawText());

        using var again = await admin.GetAsync($"/auth/v1/admin/users?filter={Email(session)}");
        var restored = await ExpectAsync(again, HttpStatusCode.OK);
        Assert.That(report, Is.EqualTo((1, 0, 0, 0)));
        Assert.That(
            restored.GetProperty("users")[0].GetProperty("identities").GetRawText(), Is.EqualTo(list.GetProperty("users")[0].GetProperty("identities").GetRawText()));
    }

    // The vectors of the reference implementations.
    [TestCase("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password")]
    [TestCase("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA", "password")]
    [TestCase(
        "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
        + "$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
        "user1password")]
    public async Task Signs_in_with_the_password_of_a_hash_from_elsewhere(string hash, string password)
    {
        var email = NewAddress();

        var report = await ImportAsync(Row(Guid.CreateVersion7(), email, hash));

        using var wrong = await SignInAsync(email, password + "!");
        using var right = await SignInAsync(email, password);
        await ExpectErrorAsync(wrong, 400, "invalid_credentials");
        await ExpectAsync(right, HttpStatusCode.OK);
        Assert.That(report, Is.EqualTo((1, 0, 0, 0)));
    }

    [TestCase("$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [TestCase("$argon2id$v=19$m=65536,t=999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [TestCase("$fbscrypt$v=1,n=30,r=8,p=1,ss=Bw==,sk=Bw==$Bw==$Bw==")]
    public async Task Leaves_out_a_hash_whose_check_would_cost_too_much(string hash)
    {
        var report = await ImportAsync(Row(Guid.CreateVersion7(), NewAddress(), hash));

        Assert.That(report, Is.EqualTo((1, 0, 1, 0)));
    }

    private static string ConnectionString => SharedPostgres.ConnectionStringOf("supabase_auth_admin");

    private async Task<(int Added, int AlreadyThere, int Notes, int Failures)> ImportAsync(string file)
    {
        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(file));
        var report = await AuthImport.RunAsync(stream, ConnectionString, Server.Clock, CancellationToken.None);
        return (report.Added, report.AlreadyThere, report.Notes.Count, report.Failures.Count);
    }

    private static string Row(Guid id, string email, string? password = null, string identities = "[]", string more = "")
    {
        password ??= BCrypt.Net.BCrypt.HashPassword(Password, 4);
        return JsonElement.Parse(
            $$"""
            {"id":"{{id}}","aud":"authenticated","role":"authenticated","email":"{{email}}","encrypted_password":"{{password}}",
             "email_confirmed_at":"2024-02-03 04:05:06.789+00","created_at":"2024-02-03 04:05:06.789+00",
             "raw_app_meta_data":{"provider":"email","providers":["email","github"]},"raw_user_meta_data":"{\"name\":\"Ada\"}",
             "identities":{{identities}}{{more}}}
            """).GetRawText().ReplaceLineEndings("");
    }
}
