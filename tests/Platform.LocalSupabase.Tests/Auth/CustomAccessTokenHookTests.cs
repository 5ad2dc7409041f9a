using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class CustomAccessTokenHookTests : AuthTest
{
    [OneTimeSetUp]
    public static Task CreateFunctionsAsync() => SharedPostgres.SqlAsync(
        """
        create or replace function public.add_claims(event jsonb) returns jsonb language plpgsql stable as $$
        begin
          if event -> 'claims' ->> 'email' like 'refused%' then
            return jsonb_build_object('error', jsonb_build_object('http_code', 403, 'message', 'Not you'));
          end if;
          return jsonb_set(event, '{claims,app_metadata,seen}', event -> 'authentication_method');
        end
        $$;
        create or replace function public.drop_claims(event jsonb) returns jsonb language sql stable as
          $$ select jsonb_build_object('claims', (event -> 'claims') - 'role' - 'session_id') $$;
        create or replace function public.sleep_claims(event jsonb) returns jsonb language plpgsql volatile as
          $$ begin perform pg_sleep(30); return event; end $$;
        revoke execute on function public.add_claims, public.drop_claims, public.sleep_claims from public, anon, authenticated;
        grant usage on schema public to supabase_auth_admin;
        grant execute on function public.add_claims, public.drop_claims, public.sleep_claims to supabase_auth_admin;
        """);

    internal override Task<LocalSupabaseServer> StartAsync() => ServerWithAsync("pg-functions://postgres/public/add_claims");

    [Test]
    public async Task Has_the_last_word_on_the_claims()
    {
        var session = await SignUpAsync();
        using var response = await RefreshAsync(RefreshToken(session));
        var refreshed = await ExpectAsync(response, HttpStatusCode.OK);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Seen(session), Is.EqualTo("password"));
            Assert.That(Seen(refreshed), Is.EqualTo("token_refresh"));
            Assert.That(await GetUserStatusAsync(AccessToken(refreshed)), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(session.GetProperty("user").GetProperty("app_metadata").TryGetProperty("seen", out _), Is.False);
        }
    }

    [Test]
    public async Task May_refuse_and_then_nothing_is_left_behind()
    {
        var email = $"refused-{NewAddress()}";
        using var client = Server.Connect();

        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email, password = Password });

        await ExpectErrorAsync(response, 403, "unexpected_failure", "Not you");
        Assert.That(await SharedPostgres.SqlAsync("select count(*) from auth.users where email = @email", ("email", email)), Is.Zero);
    }

    [Test]
    public async Task May_not_take_away_what_others_rely_on()
    {
        await using var server = await ServerWithAsync("pg-functions://postgres/public/drop_claims");

        using var response = await SignUpOnAsync(server);

        var error = await ExpectErrorAsync(response, 500, "unexpected_failure");
        Assert.That(error.GetProperty("msg").GetString(), Does.Contain("role").And.Contain("session_id"));
    }

    [Test]
    public async Task Is_given_two_seconds()
    {
        await using var server = await ServerWithAsync("pg-functions://postgres/public/sleep_claims");

        using var response = await SignUpOnAsync(server);

        await ExpectErrorAsync(response, 422, "hook_timeout");
    }

    [TestCase("https://example.com/hook")]
    [TestCase("pg-functions://postgres/public/x\"y")]
    [TestCase("pg-functions://postgres/public")]
    public void Is_refused_at_the_start_when_it_is_no_function(string uri) =>
        Assert.That(
            () => ServerWithAsync(uri), Throws.TypeOf<LocalSupabaseException>().With.Property("Code").EqualTo("auth_hook_invalid"));

    private static string? Seen(JsonElement session) =>
        Part(AccessToken(session), 1).GetProperty("app_metadata").GetProperty("seen").GetString();

    private static async Task<HttpResponseMessage> SignUpOnAsync(LocalSupabaseServer server)
    {
        using var client = server.Connect();
        return await client.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = Password });
    }

    private static Task<LocalSupabaseServer> ServerWithAsync(string uri) => LocalSupabaseServer.StartAsync(
        setup: new ServerSetup { CustomAccessToken = new CustomAccessTokenOptions { Uri = uri } });
}
