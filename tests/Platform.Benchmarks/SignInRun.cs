using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text;

namespace Platform.Benchmarks;

/// <summary>
/// Sign-ins with a password beside the hash function alone, in turns, with as many at once. Most of a sign-in is meant to be the hash: the
/// ratio says how much of the machine the rest takes away.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class SignInRun
{
    private const int Cost = 10;     // of the product's hashes
    private const int People = 64;
    private const string Password = "a long enough password";
    private static readonly int AtOnce = 4 * Environment.ProcessorCount;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);
    private static readonly string Hash = BCrypt.Net.BCrypt.HashPassword(Password, Cost);

    public static async Task RunAsync(HostProcess host, HttpClient client)
    {
        var key = host.Connection.GetProperty("anon_key").GetString()!;
        var emails = Enumerable.Range(0, People).Select(person => $"person-{person}@example.com").ToArray();
        foreach (var email in emails)
        {
            await SignUpAsync(client, host, key, email);
        }

        byte[] Next(int turn) => SignIn(key, emails[turn % People]);
        await LoadGenerator.RunAsync(host.Url, AtOnce, Turn.TotalSeconds, Next);
        HashAlone(Turn);

        var signIns = new List<LoadResult>();
        var hashes = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            hashes.Add(HashAlone(Turn));
            signIns.Add(await LoadGenerator.RunAsync(host.Url, AtOnce, Turn.TotalSeconds, Next));
        }

        var perSecond = signIns.Average(result => result.PerSecond);
        Console.WriteLine();
        Console.WriteLine(
            $"sign-in, {AtOnce} at once: {perSecond:F1}/s, {perSecond / hashes.Average():P0} of the {hashes.Average():F1} hashes/s");
        foreach (var (result, hashRate) in signIns.Zip(hashes))
        {
            Console.WriteLine($"  {result}   hash alone {hashRate,6:F1}/s");
        }
    }

    private static double HashAlone(TimeSpan time)
    {
        var done = 0;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, AtOnce).Select(_ => new Thread(() =>
        {
            while (clock.Elapsed < time)
            {
                BCrypt.Net.BCrypt.Verify(Password, Hash);
                Interlocked.Increment(ref done);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return done / clock.Elapsed.TotalSeconds;
    }

    private static async Task SignUpAsync(HttpClient client, HostProcess host, string key, string email)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Url, "/auth/v1/signup"))
        {
            Content = JsonContent.Create(new { email, password = Password }),
        };
        request.Headers.Add("apikey", key);
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static byte[] SignIn(string key, string email)
    {
        var body = $$"""{"email":"{{email}}","password":"{{Password}}"}""";
        return Encoding.ASCII.GetBytes(
            $"POST /auth/v1/token?grant_type=password HTTP/1.1\r\nHost: localhost\r\napikey: {key}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}");
    }
}
