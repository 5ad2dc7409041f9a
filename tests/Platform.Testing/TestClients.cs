using System.Diagnostics.CodeAnalysis;

namespace Platform.Testing;

/// <summary>Clients of the application under test. They follow no redirects, since tests look at those.</summary>
internal static class TestClients
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "A test is a client of the product, not a part of it.")]
    public static HttpClient Create(string url) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };
}
